export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-[#191d24] dark:fill-[#1f2329]" />
      <path
        d="M7 20.5c0 3 2 5 5 5h8c3 0 5-2 5-5"
        fill="none"
        stroke="#e9ebef"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <path
        d="M12.4 6.9v10.6c0 .9 1 1.5 1.8 1l8.3-5.3c.7-.5.7-1.5 0-2l-8.3-5.3c-.8-.5-1.8.1-1.8 1z"
        fill="#35ce95"
      />
    </svg>
  );
}
