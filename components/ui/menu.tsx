'use client'
import { Check } from 'lucide-react'
import Link from 'next/link'
import { DropdownMenu as Parts } from 'radix-ui'
import type { ReactNode } from 'react'
import { Keycap } from './keycap'
import styles from './menu.module.css'

export interface MenuProps {
  /** One button; it gets the menu's wiring. */
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom'
  /** For a menu that is loaded at the press that asks for it. */
  defaultOpen?: boolean
}

export function Menu({ trigger, children, align = 'start', side = 'bottom', defaultOpen }: MenuProps) {
  return (
    <Parts.Root modal={false} defaultOpen={defaultOpen}>
      <Parts.Trigger asChild>{trigger}</Parts.Trigger>
      <Parts.Portal>
        <Parts.Content
          className={styles.menu}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          loop
        >
          {children}
        </Parts.Content>
      </Parts.Portal>
    </Parts.Root>
  )
}

interface MenuItemProps {
  icon?: ReactNode
  children: ReactNode
  /** Small words at the end of the line. */
  note?: ReactNode
  keyHint?: string
  danger?: boolean
  disabled?: boolean
}

function Inside({ icon, children, note, keyHint }: MenuItemProps) {
  return (
    <>
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <span className={styles.words}>{children}</span>
      {note ? <span className={styles.note}>{note}</span> : null}
      {keyHint ? <Keycap chord={keyHint} decorative /> : null}
    </>
  )
}

export function MenuItem({ onSelect, ...rest }: MenuItemProps & { onSelect: () => void }) {
  return (
    <Parts.Item
      className={styles.item}
      data-danger={rest.danger || undefined}
      disabled={rest.disabled}
      onSelect={onSelect}
    >
      <Inside {...rest} />
    </Parts.Item>
  )
}

export function MenuLink({ href, current, ...rest }: MenuItemProps & { href: string; current?: boolean }) {
  return (
    <Parts.Item className={styles.item} asChild>
      <Link href={href} aria-current={current ? 'page' : undefined}>
        <Inside {...rest} icon={rest.icon ?? (current ? <Check /> : null)} />
      </Link>
    </Parts.Item>
  )
}

export interface MenuChoiceProps {
  label: string
  value: string
  onChange: (value: string) => void
  options: { value: string; label: string }[]
}

/** One of several; choosing keeps the menu open, so that the effect can be seen. */
export function MenuChoice({ label, value, onChange, options }: MenuChoiceProps) {
  return (
    <Parts.RadioGroup value={value} onValueChange={onChange} aria-label={label}>
      <Parts.Label className={styles.label}>{label}</Parts.Label>
      {options.map(option => (
        <Parts.RadioItem
          key={option.value}
          value={option.value}
          className={styles.item}
          onSelect={event => event.preventDefault()}
        >
          <span className={styles.icon} aria-hidden>
            <Parts.ItemIndicator>
              <Check />
            </Parts.ItemIndicator>
          </span>
          <span className={styles.words}>{option.label}</span>
        </Parts.RadioItem>
      ))}
    </Parts.RadioGroup>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Parts.Label className={styles.label}>{children}</Parts.Label>
}

export function MenuSeparator() {
  return <Parts.Separator className={styles.separator} />
}
