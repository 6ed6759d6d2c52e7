import styles from './avatar.module.css'

/** Up to two initials: of the first and the last word of a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean)
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words
  return picked.map(word => [...(word ?? '')][0]?.toLocaleUpperCase('en') ?? '').join('')
}

export interface AvatarProps {
  name: string
  /** `other` tints the one whose words are being answered. */
  tone?: 'plain' | 'other'
  /** True where the name itself stands beside it. */
  decorative?: boolean
}

export function Avatar({ name, tone = 'plain', decorative = true }: AvatarProps) {
  return (
    <span
      className={styles.avatar}
      data-tone={tone}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}
    >
      {initials(name)}
    </span>
  )
}
