/** Those who are told: a receiver of webhooks, which checks what is signed by itself,
 * and a mail server; both on loopback, both keep what they got. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** Receives webhooks, and answers each with `status`. */
export class Receiver {
  status = 200;
  /** What was posted: headers and body, whatever was answered. */
  got = [];

  static async start() {
    const receiver = new Receiver();
    receiver.server = http.createServer(async (request, response) => {
      let text = "";
      for await (const part of request.setEncoding("utf8")) text += part;
      receiver.got.push({ headers: request.headers, text, status: receiver.status });
      // Whoever is busy says for how long: nothing comes by itself within a test.
      const busy = receiver.status === 503 ? { "retry-after": "600" } : {};
      response.writeHead(receiver.status, busy).end();
    });
    receiver.url = `http://127.0.0.1:${await listening(receiver.server)}/told`;
    return receiver;
  }

  /** What it took of a kind. */
  of(type) {
    return this.got.filter((one) => one.status === 200 && JSON.parse(one.text).type === type);
  }

  async end() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Whether a message was signed with this key, as Standard Webhooks has it. */
export function signed({ headers, text }, key) {
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
  const secret = Buffer.from(key.replace(/^whsec_/, ""), "base64");
  const wanted = `v1,${createHmac("sha256", secret).update(content).digest("base64")}`;
  return headers["webhook-signature"].split(" ").includes(wanted);
}

/** Takes every mail (RFC 5321, as much of it as a client needs). */
export class Post {
  mails = [];

  static async start() {
    const post = new Post();
    post.server = net.createServer((socket) => {
      let [rest, mail] = ["", undefined];
      const say = (line) => socket.write(`${line}\r\n`);
      socket.on("error", () => {});
      socket.setEncoding("latin1").on("data", (more) => {
        const lines = (rest + more).split("\r\n");
        rest = lines.pop();
        for (const line of lines) {
          if (mail && line === ".") {
            post.mails.push(mail.join("\n"));
            mail = undefined;
            say("250 taken");
          } else if (mail) mail.push(line);
          else if (/^DATA/i.test(line)) {
            mail = [];
            say("354 go on");
          } else if (/^QUIT/i.test(line)) socket.end("221 bye\r\n");
          else say("250 fine");
        }
      });
      say("220 post");
    });
    post.port = await listening(post.server);
    return post;
  }

  async end() {
    this.server.close();
  }
}
