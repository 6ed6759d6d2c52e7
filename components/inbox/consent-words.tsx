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
        <strong>For:</strong> better suggestions in this project. It counts in the project’s numbers at once,
        and changes suggestions only when a new model version was trained with it.
      </li>
      <li>
        <strong>Seen by:</strong> those who study this project, under a pseudonym instead of your name. No
        suggestion shows your words to others unless a curator shared them.
      </li>
      <li>
        <strong>Yours:</strong> undo anything at any time, download or erase all of it in My history.
      </li>
    </ul>
  )
}
