export function TaskPage(_: { onClose?: () => void }) { return null; }
