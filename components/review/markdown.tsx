import ReactMarkdown, { type Components } from 'react-markdown'
import styles from './markdown.module.css'

/** Under the page's own headings, whatever level the author began with. */
const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  // A picture from elsewhere would tell its owner who reads this, and when.
  img: ({ alt }) => <span>{alt}</span>,
}

/**
 * What a curator wrote in Markdown. HTML in it stays text, addresses of other kinds than http, https and mailto are
 * dropped, and nothing is loaded from elsewhere. Heavy: where it is not the page itself, load it lazily.
 */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown} dir="auto">
      <ReactMarkdown components={components}>{text}</ReactMarkdown>
    </div>
  )
}
