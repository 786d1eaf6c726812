export function SchedulesPage(_: { onClose?: () => void }) { return null; }
