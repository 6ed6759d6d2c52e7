'use client'
import { ClipboardCopy, PenLine } from 'lucide-react'
import type { RefObject } from 'react'
import { Button } from '../ui/button'
import { Editor } from '../ui/editor'
import { ErrorNote } from '../ui/error-note'
import { WordDiff } from '../ui/word-diff'
import styles from './reply-editor.module.css'
import { chosenText, isEdited, offered, type Thread, type Work } from './thread-work'
import { useDesk } from './use-desk'

interface Props {
  thread: Thread
  work: Work
  field: RefObject<HTMLTextAreaElement | null>
  /** Why nothing can be sent yet. */
  blocked: string | null
  copyProblem: string | null
  onSend: () => void
  onPutBack: () => void
}

/** Where the reply is written. A chosen suggestion fills it; sending is a press of its own. */
export function ReplyEditor({ thread, work, field, blocked, copyProblem, onSend, onPutBack }: Props) {
  const desk = useDesk()
  const before = chosenText(work)
  const edited = isEdited(work)
  const empty = work.text.trim() === ''
  const tooLong = work.text.trim().length > longestReply
  return (
    <div className={styles.reply}>
      {work.refusal ? (
        <ErrorNote
          title="That didn’t save. Your text is safe here."
          code={work.refusal.code}
          retryLabel="Dismiss this note"
          onRetry={() => desk.dropRefusal(thread.key)}
        >
          {work.refusal.detail}
        </ErrorNote>
      ) : null}
      <Editor
        ref={field}
        label="Your reply"
        note={before === null ? empty ? undefined : 'Kept on this device' : <EditingNote work={work} />}
        placeholder="Write your own reply"
        rows={2}
        lang={thread.payload.lang}
        value={work.text}
        spellCheck
        error={
          copyProblem ??
          (tooLong
            ? `A reply may have ${longestReply.toLocaleString('en')} characters; this one has ${work.text.trim().length.toLocaleString('en')}.`
            : null)
        }
        onChange={event => desk.type(thread.key, event.target.value)}
      />
      <div className={styles.diff}>
        {before !== null && edited ? (
          <WordDiff before={before.trim()} after={work.text.trim()} lang={thread.payload.lang} />
        ) : null}
      </div>
      <div className={styles.actions}>
        <Button
          kind="primary"
          keyHint="mod+enter"
          icon={thread.sample ? undefined : <ClipboardCopy />}
          disabledReason={
            blocked ?? (empty ? 'Choose a suggestion or write first.' : tooLong ? 'Shorten it first.' : null)
          }
          onClick={onSend}
        >
          {sendWords(thread.sample, before !== null, edited)}
        </Button>
        {edited ? <Button onClick={onPutBack}>Put it back</Button> : null}
      </div>
      {thread.sample ? null : (
        <p className={styles.hint}>
          Copies the text for you to paste, and remembers what you chose. Nothing is sent.
        </p>
      )}
    </div>
  )
}

/** The task type's limit for a reply, in characters. */
const longestReply = 5000

function EditingNote({ work }: { work: Work }) {
  const place = offered(work).findIndex(s => s.id === work.chosen?.candidateId) + 1
  return (
    <span className={styles.editing}>
      <PenLine aria-hidden />
      {isEdited(work) ? 'Editing suggestion' : 'Suggestion'} {place || ''}
    </span>
  )
}

function sendWords(sample: boolean, chosen: boolean, edited: boolean): string {
  const verb = sample ? 'Send' : 'Copy'
  return `${verb} ${chosen && edited ? 'edited reply' : 'reply'}`
}
