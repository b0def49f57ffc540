/** Two jacks and a cable. */
export function Logo({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" role="img" aria-label="Patchbay">
      <rect width="32" height="32" rx="7" fill="#5a3fe6" />
      <path d="M9 11.5C9 22 23 10 23 20.5" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="9" cy="10.5" r="4.25" fill="#5a3fe6" stroke="#fff" strokeWidth="2.5" />
      <circle cx="23" cy="21.5" r="4.25" fill="#5a3fe6" stroke="#fff" strokeWidth="2.5" />
    </svg>
  )
}
