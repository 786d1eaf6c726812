/** How mail is sent, which `runbay.toml` says; and the report of a day, as it is mailed. */
import { useQuery } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Segments } from "@/components/ui/field";
import { Letter } from "@/components/ui/letter";
import { Card, Fact, Skeleton, Trouble } from "@/components/ui/page";
import { api, body } from "@/lib/api/client";
import { settingsQuery } from "@/lib/api/queries";

const MISSING = `[mail]
host = "smtp.example.org"
from = "Runbay <runbay@example.org>"
username = "runbay"
password = "SMTP_PASSWORD"   # the name of a secret
`;

const TLS: Record<string, string> = {
  implicit: "encrypted from the first byte on",
  starttls: "encrypted after a greeting (STARTTLS)",
  none: "not encrypted",
};

const PORTS: Record<string, number> = { implicit: 465, starttls: 587, none: 25 };

export function MailCard() {
  const query = useQuery(settingsQuery);
  const [looking, setLooking] = useState(false);
  return (
    <Card
      title="Mail"
      aside={
        <Button size="sm" icon={Mail} onClick={() => setLooking(true)}>
          Preview the daily report
        </Button>
      }
    >
      {query.isPending ? (
        <Skeleton rows={2} />
      ) : query.isError ? (
        <Trouble error={query.error} />
      ) : (
        <Server values={new Map(query.data.map((one) => [one.key, one.value]))} />
      )}
      {looking && <Report onClose={() => setLooking(false)} />}
    </Card>
  );
}

function Server({ values }: { values: Map<string, unknown> }) {
  const text = (key: string) => (values.get(key) ?? null) as string | null;
  const host = text("mail.host");
  if (!host) {
    return (
      <div className="flex flex-col gap-2 text-dense text-muted">
        <p>
          No mail server is set, so no mail is sent. An admin writes one into{" "}
          <code className="text-fg">runbay.toml</code>, and starts the service again:
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        <pre tabIndex={0} className="overflow-x-auto rounded-lg bg-sunk p-3 text-meta leading-5 text-fg">
          {MISSING}
        </pre>
      </div>
    );
  }
  const tls = text("mail.tls") ?? "starttls";
  return (
    <dl className="flex flex-col gap-1.5">
      <Fact name="Server">
        {host}:{text("mail.port") ?? PORTS[tls]}, {TLS[tls]}
      </Fact>
      <Fact name="From">{text("mail.from")}</Fact>
      <Fact name="Signs in">
        {text("mail.username") ? (
          <>
            as {text("mail.username")}, with the secret{" "}
            <code className="text-meta">{text("mail.password") ?? "—"}</code>
          </>
        ) : (
          "no"
        )}
      </Fact>
    </dl>
  );
}

function Report({ onClose }: { onClose(): void }) {
  const [form, setForm] = useState<"html" | "text">("html");
  const query = useQuery({ queryKey: ["report"], queryFn: () => body(api.GET("/api/v1/report")), gcTime: 0 });
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={query.data?.subject ?? "Daily report"}
      about="Of the last 24 hours and every task, as it would be mailed now"
    >
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        <Trouble error={query.error} retry={() => void query.refetch()} />
      ) : (
        <div className="flex flex-col gap-3">
          <Segments<"html" | "text">
            label="Part of the mail"
            value={form}
            onChange={setForm}
            options={[
              { value: "html", text: "HTML" },
              { value: "text", text: "Plain text" },
            ]}
          />
          {form === "html" ? (
            <Letter title={query.data.subject} html={query.data.html} />
          ) : (
            <pre className="text-meta leading-5 whitespace-pre-wrap">{query.data.text}</pre>
          )}
        </div>
      )}
    </Dialog>
  );
}
