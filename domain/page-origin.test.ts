import { expect, it } from 'vitest'
import { isPageOrigin } from './page-origin'

it.each(['https://shop.example', 'http://localhost:5173', 'http://127.0.0.1:8080', 'http://[::1]:3000'])(
  '%s is an origin',
  text => expect(isPageOrigin(text)).toBe(true),
)

it.each([
  ['', 'nothing'],
  ['*', 'no page is called so'],
  ['null', 'what sandboxed pages and files send'],
  ['https://*.shop.example', 'exact means exact'],
  ['shop.example', 'no scheme'],
  ['https://shop.example/', 'a path'],
  ['https://shop.example:443', 'a browser leaves this port out'],
  ['https://Shop.example', 'a browser sends lower case'],
  ['https://me@shop.example', 'a user'],
  ['file:///etc/hosts', 'a file'],
  ['javascript:alert(1)', 'a script'],
])('%j is none: %s', text => expect(isPageOrigin(text)).toBe(false))
