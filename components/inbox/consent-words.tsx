import { consentLines } from '@/domain/consent-words'
import styles from './consent-note.module.css'

/** What is collected and for what, in the words that people agree to. */
export function ConsentWords() {
  return (
    <ul className={styles.words}>
      {consentLines('house').map(({ about, says }) => (
        <li key={about}>
          <strong>{about}:</strong> {says}
        </li>
      ))}
    </ul>
  )
}
