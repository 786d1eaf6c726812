export function DashboardPage(_: { onClose?: () => void }) { return null; }
