export function EnvironmentsPage(_: { onClose?: () => void }) { return null; }
