'use client'
import { Check, CloudOff, PenLine, X } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { IconButton } from './icon-button'
import { Keycap, useShortcut } from './keycap'
import styles from './suggestion-chip.module.css'

export type SuggestionState = 'rest' | 'accepted' | 'editing' | 'offline'

export interface SuggestionChipProps {
  text: string
  /** 1-based place among the suggestions shown; its name for screen readers. */
  position: number
  /** The key that chooses it. */
  keyHint?: string
  state?: SuggestionState
  lang?: string
  onChoose?: () => void
  onEdit?: () => void
  onDismiss?: () => void
  /** Why nothing can be chosen now. The chip keeps its place. */
  disabledReason?: string | null
  /** Drawn in place of the text while `editing`: the chip becomes the editor. */
  children?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

/** What a model proposes, dashed until a person takes it. Edit and dismiss are always there. */
export function SuggestionChip({
  text,
  position,
  keyHint,
  state = 'rest',
  lang,
  onChoose,
  onEdit,
  onDismiss,
  disabledReason,
  children,
  ref,
}: SuggestionChipProps) {
  const off = Boolean(disabledReason) || undefined
  const shortcut = useShortcut(keyHint)
  if (state === 'editing' && children) {
    return <div className={styles.editing}>{children}</div>
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would add a form control's semantics to three buttons.
    <div role="group" aria-label={`Suggestion ${position}`} className={styles.chip} data-state={state}>
      <button
        ref={ref}
        type="button"
        className={styles.choose}
        aria-disabled={off}
        aria-pressed={state === 'accepted' || state === 'editing' ? true : undefined}
        aria-keyshortcuts={shortcut}
        title={disabledReason ?? undefined}
        onClick={off ? undefined : onChoose}
      >
        {state === 'accepted' ? (
          <Check className={styles.mark} aria-label="Accepted" />
        ) : state === 'offline' ? (
          <CloudOff className={styles.mark} aria-label="Waits on this device" />
        ) : keyHint ? (
          <Keycap chord={keyHint} decorative />
        ) : null}
        <span lang={lang} dir="auto" className={styles.text}>
          {text}
        </span>
      </button>
      <IconButton
        className={styles.act}
        label={`Edit suggestion ${position} first`}
        icon={<PenLine />}
        disabled={!onEdit || off}
        onClick={onEdit}
      />
      <IconButton
        className={styles.act}
        label={`Dismiss suggestion ${position}`}
        icon={<X />}
        disabled={!onDismiss || off}
        onClick={onDismiss}
      />
    </div>
  )
}

/** Holds a chip's place while the model answers; drawn only if that takes longer than 150 ms. */
export function SuggestionChipLoading({ widthCh = 28 }: { widthCh?: number }) {
  return (
    <div className={styles.chip} data-state="loading" aria-hidden>
      <span className={styles.bar} style={{ width: `${widthCh}ch` }} />
    </div>
  )
}
