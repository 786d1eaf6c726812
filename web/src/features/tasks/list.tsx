export function TasksPage(_: { onClose?: () => void }) { return null; }
