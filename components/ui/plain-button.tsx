'use client'
import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './button.module.css'
import { classNames } from './class-names'

type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger'
type ButtonSize = 'small' | 'medium' | 'large'

export interface PlainLook {
  /** One primary (filled ink) button per view. */
  kind?: ButtonKind
  size?: ButtonSize
  icon?: ReactNode
  wide?: boolean
}

export interface PlainButtonProps extends PlainLook, Omit<ComponentProps<'button'>, 'disabled'> {
  /** The request is on its way: the label stays, presses are ignored. */
  busy?: boolean
  /** Why it can't be pressed now. The button stays focusable and says so. */
  disabledReason?: string | false | null
  /** After the label. */
  trailing?: ReactNode
}

export function lookClass(
  { kind = 'secondary', size = 'medium', wide }: PlainLook,
  className: string | undefined,
): string {
  return classNames(styles.button, styles[kind], styles[size], wide && styles.wide, className)
}

/** A button that knows of no keys: for pages that may stand without what keeps them. */
export function PlainButton({
  kind,
  size,
  icon,
  wide,
  busy = false,
  disabledReason,
  className,
  children,
  trailing,
  onClick,
  type = 'button',
  ...rest
}: PlainButtonProps) {
  const reasonId = useId()
  const off = Boolean(disabledReason)
  return (
    <button
      {...rest}
      type={type}
      className={lookClass({ kind, size, wide }, className)}
      aria-disabled={off || busy || undefined}
      aria-busy={busy || undefined}
      aria-describedby={off ? reasonId : rest['aria-describedby']}
      onClick={event => {
        if (off || busy) {
          event.preventDefault()
          return
        }
        onClick?.(event)
      }}
    >
      {icon ? (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      ) : null}
      <span>{children}</span>
      {trailing}
      {off ? (
        <span id={reasonId} className={styles.reason} aria-hidden>
          {disabledReason}
        </span>
      ) : null}
    </button>
  )
}
