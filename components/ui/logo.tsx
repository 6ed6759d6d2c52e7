import styles from './logo.module.css'

/** The word Amend with an editor's caret under it. */
export function Logo() {
  return (
    <span className={styles.logo}>
      Amend
      <svg viewBox="0 0 10 6" aria-hidden className={styles.caret}>
        <path d="M1.2 4.8 5 1.2l3.8 3.6" fill="none" stroke="currentColor" strokeWidth="1.8" />
      </svg>
    </span>
  )
}
