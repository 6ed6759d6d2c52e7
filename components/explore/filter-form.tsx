'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useRef } from 'react'
import { useKeys } from '../ui/use-keys'

/**
 * A plain GET form, so that it works before and without scripts. With them a choice is applied at once, empty fields
 * stay out of the address, and the list below stays in sight.
 */
export function FilterForm({
  action,
  className,
  children,
}: {
  action: string
  className?: string | undefined
  children: ReactNode
}) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  useKeys('Feedback', [
    {
      chord: '/',
      label: 'filter',
      run: () => form.current?.querySelector<HTMLInputElement>('input[type="search"]')?.focus(),
    },
  ])
  const go = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = [...new FormData(event.currentTarget)].flatMap(([name, value]) => {
      const said = String(value).trim()
      return said ? [[name, said]] : []
    })
    const query = new URLSearchParams(given).toString()
    router.push(query ? `${action}?${query}` : action, { scroll: false })
  }
  return (
    <form
      ref={form}
      method="get"
      action={action}
      className={className}
      onSubmit={go}
      onChange={event => {
        const field = event.target
        if (
          field instanceof HTMLSelectElement ||
          (field instanceof HTMLInputElement && field.type === 'checkbox')
        )
          form.current?.requestSubmit()
      }}
    >
      {children}
    </form>
  )
}
