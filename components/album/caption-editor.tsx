'use client'
import type { AlbumPhoto } from '@/contract/v1/album'
import { Button } from '../ui/button'
import { Editor } from '../ui/editor'
import { countChanges, wordChanges } from '../ui/word-changes'
import { WordDiff } from '../ui/word-diff'
import styles from './photo-card.module.css'

interface Props {
  photo: AlbumPhoto
  text: string
  /** What the model or the person said before, or null. */
  before: string | null
  onType: (text: string) => void
  onSave: () => void
  onPutBack: () => void
}

const mostCharacters = 1000

/** The caption becomes a field where it stands; beneath it, word by word, what was changed. */
export function CaptionEditor({ photo, text, before, onType, onSave, onPutBack }: Props) {
  const changed = before !== null && before.trim() !== text.trim()
  const empty = text.trim() === ''
  return (
    <div className={styles.editor}>
      <Editor
        label={`Caption of ${photo.title}`}
        labelHidden
        size="list"
        rows={2}
        value={text}
        maxLength={mostCharacters}
        onChange={event => onType(event.target.value)}
      />
      <div className={styles.diff}>
        {changed && !empty ? <WordDiff before={before} after={text} /> : null}
      </div>
      <div className={styles.editorActions}>
        <Button
          kind="primary"
          size="small"
          keyHint="mod+enter"
          disabledReason={empty ? 'Write something first.' : null}
          onClick={onSave}
        >
          Save caption
        </Button>
        <Button size="small" kind="quiet" keyHint="escape" onClick={onPutBack}>
          Put it back
        </Button>
        <span className={styles.changed}>{changed ? changedWords(before, text) : ''}</span>
      </div>
    </div>
  )
}

function changedWords(before: string, after: string): string {
  const counts = countChanges(wordChanges(before, after))
  const words = Math.max(counts.in, counts.out)
  return words === 1 ? '1 word changed' : `${words} words changed`
}
