/** The one WebSocket of this tab. Subscriptions outlive the connection: when it
 * breaks they are made again from where they were, without gap or repetition. */
import { useSyncExternalStore } from "react";
import type { Line, Outcome, Sample, Stream } from "./types";

/** What happened, as the service tells it. */
export interface Event {
  seq: number;
  at: string;
  kind: string;
  run: string | null;
  payload: Record<string, unknown>;
}

/** Which log: of a run, or of the last build of a task. */
export type LogOf = { run: string; attempt: number } | { task: string };

/** What is told of a log. */
export type LogNews =
  | { type: "lines"; attempt: number; lines: Line[] }
  | { type: "partial"; attempt: number; stream: Stream; text: string }
  | { type: "step"; attempt: number; step: number }
  | { type: "gap"; attempt: number; from: number; to: number | null; reason: string }
  | { type: "end"; run: string; outcome: Outcome | null; exit_code: number | null; reason: string | null }
  | { type: "error"; problem: { detail?: string; title?: string } };

/** How the connection stands; `waiting` after it broke. */
export type Connection = "closed" | "opening" | "open" | "waiting";

type Message = (LogNews | { type: string; [key: string]: unknown }) & { id?: string; ids?: string[] };

interface Subscription {
  /** What asks for it, from where it is now. */
  ask: () => Record<string, unknown>;
  hear: (message: Message) => void;
}

const PAUSES = [250, 500, 1000, 2000, 4000, 8000];

export class Live {
  private socket: WebSocket | undefined;
  private subscriptions = new Map<string, Subscription>();
  private listeners = new Set<() => void>();
  private missed = new Set<() => void>();
  private next = 1;
  private broke = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private state: Connection = "closed";
  private wanted = false;

  constructor(private readonly make: () => WebSocket) {}

  connection = (): Connection => this.state;

  /** Tells of every change of {@link connection}. */
  watch = (then: () => void): (() => void) => {
    this.listeners.add(then);
    return () => this.listeners.delete(then);
  };

  /** Calls when events may have been missed: whatever is shown is asked anew. */
  onMissed(then: () => void): () => void {
    this.missed.add(then);
    return () => this.missed.delete(then);
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.open();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = undefined;
    this.become("closed");
  }

  /** Listens to a topic until the returned function is called. */
  events(topic: string, hear: (event: Event) => void): () => void {
    return this.subscribe({
      ask: () => ({ topic }),
      hear: (message) => {
        if (message.type === "event") hear((message as unknown as { event: Event }).event);
      },
    });
  }

  /** Follows a log behind a line: of a run, from an attempt on, or of what is built for a task. */
  log(of: LogOf, after: number, hear: (news: LogNews) => void): () => void {
    const at = { ...of, after };
    return this.subscribe({
      ask: () => ({ topic: "log", ...at }),
      hear: (message) => {
        const news = message as LogNews;
        const known =
          news.type === "lines" ? news.lines.at(-1)?.number : news.type === "gap" ? news.to : null;
        if ("attempt" in news && "run" in at && known) at.attempt = news.attempt;
        if (known) at.after = known;
        if (["lines", "partial", "step", "gap", "end", "error"].includes(news.type)) hear(news);
      },
    });
  }

  /** Follows what an attempt of a run uses. After a break all that is known comes again. */
  usage(run: string, attempt: number, hear: (samples: Sample[]) => void): () => void {
    return this.subscribe({
      ask: () => ({ topic: "usage", run, attempt }),
      hear: (message) => {
        if (message.type === "samples") hear((message as unknown as { samples: Sample[] }).samples);
      },
    });
  }

  private subscribe(subscription: Subscription): () => void {
    const id = `s${this.next++}`;
    this.subscriptions.set(id, subscription);
    if (this.state === "open") this.send({ op: "subscribe", id, ...subscription.ask() });
    return () => {
      if (this.subscriptions.delete(id) && this.state === "open") this.send({ op: "unsubscribe", id });
    };
  }

  private send(message: unknown): void {
    this.socket?.send(JSON.stringify(message));
  }

  private open(): void {
    clearTimeout(this.timer);
    this.become("opening");
    const socket = this.make();
    this.socket = socket;
    socket.onopen = () => {
      const again = this.broke > 0;
      this.broke = 0;
      this.become("open");
      for (const [id, each] of this.subscriptions) this.send({ op: "subscribe", id, ...each.ask() });
      if (again) for (const each of this.missed) each();
    };
    socket.onmessage = (event) => this.take(JSON.parse(String(event.data)) as Message);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.broke += 1;
      if (!this.wanted) return;
      this.become("waiting");
      // Ended on purpose: somebody signed out elsewhere. Asking anything tells.
      const pause = event.code === 4001 ? 5000 : PAUSES[Math.min(this.broke, PAUSES.length) - 1]!;
      this.timer = setTimeout(() => this.open(), pause * (0.8 + Math.random() * 0.4));
    };
  }

  private take(message: Message): void {
    if (message.type === "lagged") {
      for (const each of this.missed) each();
      return;
    }
    const ids = message.ids ?? (message.id ? [message.id] : []);
    for (const id of ids) {
      const subscription = this.subscriptions.get(id);
      if (message.type === "end") this.subscriptions.delete(id);
      subscription?.hear(message);
    }
  }

  private become(state: Connection): void {
    if (this.state === state) return;
    this.state = state;
    for (const each of this.listeners) each();
  }
}

export const live = new Live(() => {
  const url = new URL("/api/v1/live", location.origin);
  url.protocol = url.protocol.replace("http", "ws");
  return new WebSocket(url);
});

export const useConnection = () => useSyncExternalStore(live.watch, live.connection);
