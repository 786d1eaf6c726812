/** The whole log at a glance: errors to the left, hits to the right. */
import { useEffect, useRef } from "react";
import { useTheme } from "@/lib/theme";
import type { Hits } from "./search";
import type { LogStore } from "./store";

interface RulerProps {
  store: LogStore;
  hits: Hits;
  top: number;
  version: number;
  onGo(line: number): void;
}

export function Ruler({ store, hits, version, onGo }: RulerProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` and `theme` say when to draw again
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const scale = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = width * scale;
    canvas.height = height * scale;
    context.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const draw = (lines: Iterable<number>, x: number, wide: number, colour: string) => {
      context.fillStyle = style.getPropertyValue(colour);
      const drawn = new Set<number>();
      for (const line of lines) {
        const y = Math.round(((line - 1) / Math.max(1, store.total)) * (height - 2));
        if (!drawn.has(y)) context.fillRect(x, y, wide, 2);
        drawn.add(y);
      }
    };
    draw(store.errors, 1, 4, "--bad-fill");
    draw(hits.lines, 6, 5, "--warn-fill");
  }, [store, hits, version, theme]);
  return (
    <canvas
      ref={ref}
      aria-hidden
      onMouseDown={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        onGo(Math.max(1, Math.round(((event.clientY - box.top) / box.height) * store.total)));
      }}
      className="absolute top-0 right-[15px] bottom-0 h-full w-3 cursor-pointer touch:right-0"
    />
  );
}
