/** A letter in HTML, as a mail client shows it: in a frame where no script runs,
 * which belongs to nobody, and whose links open beside this page. */
import { useLayoutEffect, useRef } from "react";

interface Policies {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string },
  ): { createHTML(html: string): string };
}

const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy("runbay-letter", {
  // Whatever is in it: the sandbox of the frame lets no script run.
  createHTML: (html) => html,
});

export function Letter({ title, html }: { title: string; html: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useLayoutEffect(() => {
    // The document of the page lets nothing be loaded into a frame; a link would be.
    const text = html.replace(/<head>/i, '<head><base target="_blank">');
    if (frame.current) frame.current.srcdoc = policy?.createHTML(text) ?? text;
  }, [html]);
  return (
    <iframe
      ref={frame}
      title={title}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      className="h-[60vh] w-full rounded-lg border border-line bg-white"
    />
  );
}
