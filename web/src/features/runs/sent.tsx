/** What whoever started a run sent with it: the script's `/inputs/payload.json`. */
import type { RunDetail } from "@/lib/api/types";
import { bytes } from "@/lib/format";

type Sent = NonNullable<RunDetail["sent"]>;

export function SentCard({ sent }: { sent: Sent }) {
  return (
    <div className="card flex flex-col gap-3 p-4">
      <p className="text-dense text-muted">
        {bytes(sent.bytes)} of {sent.content_type}, which the script reads in{" "}
        <code className="text-meta">/inputs/payload.json</code>
        {sent.cut && (sent.preview ? "; this is how it begins" : "; you may not read it")}.
      </p>
      {sent.preview && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <pre tabIndex={0} className="max-h-[60vh] overflow-auto rounded-lg bg-sunk p-3 text-meta leading-5">
          {sent.cut ? sent.preview : pretty(sent.preview)}
        </pre>
      )}
    </div>
  );
}

/** As people read it; what is no JSON any more, because a secret in it is masked, as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
