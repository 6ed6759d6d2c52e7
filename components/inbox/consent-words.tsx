import styles from './consent-note.module.css'

/** Wording 1 of what is collected and for what. A change of meaning needs a new number in the contract. */
export function ConsentWords() {
  return (
    <ul className={styles.words}>
      <li>
        <strong>Kept:</strong> which suggestions you saw and for how long, what you chose, edited, dismissed
        or wrote, and when.
      </li>
      <li>
        <strong>For:</strong> better suggestions in this project. What you teach is used for you at once, and
        for others only after a curator shared it.
      </li>
      <li>
        <strong>Seen by:</strong> this project’s curators and owners, under a pseudonym instead of your name.
      </li>
      <li>
        <strong>Yours:</strong> undo anything at any time, download or erase all of it in My history.
      </li>
    </ul>
  )
}
