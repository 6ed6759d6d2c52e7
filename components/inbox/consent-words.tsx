import styles from './consent-note.module.css'

/** Wording 2 of what is collected and for what. A change of meaning needs a new number in the contract. */
export function ConsentWords() {
  return (
    <ul className={styles.words}>
      <li>
        <strong>Kept:</strong> which suggestions you saw and for how long, what you chose, edited, dismissed
        or wrote, and when.
      </li>
      <li>
        <strong>For you, at once:</strong> what you write is suggested to you again where something is like
        it. Nobody else sees that.
      </li>
      <li>
        <strong>For others, only</strong> if you allow training: after a curator approved it, or three people
        wrote the same, with names, numbers, addresses and links taken out. New model versions learn from the
        same.
      </li>
      <li>
        <strong>Seen by:</strong> those who study this project, under a pseudonym instead of your name.
      </li>
      <li>
        <strong>Yours:</strong> undo anything at any time, and it is suggested to nobody any more. Download or
        erase all of it in My history.
      </li>
    </ul>
  )
}
