'use client'
import { useState } from 'react'
import { Button } from '../ui/button'
import { TextArea } from '../ui/text-area'
import { TextField } from '../ui/text-field'
import { useFeedback } from './feedback-kit'
import styles from './paste-message.module.css'

const draftName = 'paste'
const longestMessage = 20_000

/** A message from anywhere: paste it, get suggestions, copy the reply out. */
export function PasteMessage({
  blocked,
  onPaste,
  onCancel,
}: {
  blocked: string | null
  onPaste: (text: string, author: string) => void
  onCancel: () => void
}) {
  const { drafts } = useFeedback()
  const [text, setText] = useState(() => drafts.readText(draftName))
  const [author, setAuthor] = useState('')
  const long = text.length > longestMessage
  const submit = () => {
    if (!text.trim() || long || blocked) return
    drafts.writeText(draftName, '')
    onPaste(text.trim(), author.trim())
  }
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      <h1>Paste a message</h1>
      <p className={styles.lead}>
        Something you received elsewhere. You get suggestions for it and copy the reply out. The message is
        stored in this project for you alone; nothing is sent.
      </p>
      <TextArea
        label="Message you received"
        rows={8}
        dir="auto"
        autoFocus
        value={text}
        error={long ? `At most ${longestMessage.toLocaleString('en')} characters.` : null}
        onChange={event => {
          setText(event.target.value)
          drafts.writeText(draftName, event.target.value)
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
            event.preventDefault()
            submit()
          }
        }}
      />
      <TextField
        label="From"
        note="Optional"
        maxLength={200}
        dir="auto"
        value={author}
        onChange={event => setAuthor(event.target.value)}
      />
      <div className={styles.actions}>
        <Button
          kind="primary"
          type="submit"
          keyHint="mod+enter"
          disabledReason={blocked ?? (text.trim() ? null : 'Paste the message first.')}
        >
          Get suggestions
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  )
}
