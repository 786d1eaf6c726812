/** A sentence of the service, in which names stand between backticks. */
export function Prose({ text }: { text: string }) {
  return text.split(/`([^`\n]+)`/).map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have nothing but their order
      <code key={at} className="text-[0.92em]">
        {part}
      </code>
    ),
  );
}
