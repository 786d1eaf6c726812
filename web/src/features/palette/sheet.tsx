export function ShortcutSheet(_: { onClose?: () => void }) { return null; }
