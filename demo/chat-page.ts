/** The chat as a page: it asks nobody else for anything and looks again each second. */
export const PAGE = `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chat de mentira</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light; font: 15px/1.45 system-ui, sans-serif; }
  * { box-sizing: border-box; }
  body { margin: 0; background: #e9edf2; color: #1f2430; }
  header { background: #0b6e4f; color: #fff; padding: 12px 20px; display: flex; gap: 18px; align-items: baseline; flex-wrap: wrap; }
  h1 { font-size: 18px; margin: 0; }
  header a { color: #d6f5e8; }
  header span { opacity: .85; font-size: 13px; }
  .layout { display: grid; grid-template-columns: 300px 1fr; gap: 16px; padding: 16px 20px; align-items: start; }
  aside { display: grid; gap: 14px; }
  section, article { background: #fff; border-radius: 10px; box-shadow: 0 1px 3px #0002; }
  section { padding: 14px 16px; }
  h2 { font-size: 13px; margin: 0 0 8px; text-transform: uppercase; letter-spacing: .05em; color: #566; }
  .person { display: grid; grid-template-columns: 10px 1fr auto; gap: 10px; align-items: center; padding: 7px 0; border-top: 1px solid #eef0f3; }
  .dot { width: 10px; height: 10px; border-radius: 50%; background: #b9c0cc; }
  .dot.on { background: #19a974; }
  .person small, .meta small { display: block; color: #667; }
  button, select, input, textarea { font: inherit; padding: 6px 10px; border: 1px solid #bcc5d0; border-radius: 6px; background: #fff; width: 100%; }
  button { cursor: pointer; width: auto; }
  button.main { background: #0b6e4f; color: #fff; border-color: #0b6e4f; }
  button:disabled { opacity: .5; cursor: default; }
  form { display: grid; gap: 8px; }
  fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: 8px; }
  .next { margin: 0; padding: 0; list-style: none; }
  .next li { padding: 2px 0; }
  .next b { display: inline-block; min-width: 30px; color: #0b6e4f; }
  main { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); align-items: start; }
  article { overflow: hidden; border-top: 4px solid #19a974; }
  article.em_espera { border-color: #f2a900; } article.indisponivel { border-color: #c0392b; }
  .head { padding: 10px 14px; display: flex; justify-content: space-between; gap: 10px; }
  .head strong { font-size: 16px; }
  .meta { text-align: right; font-weight: 600; color: #0b6e4f; }
  .em_espera .meta { color: #a56f00; } .indisponivel .meta { color: #c0392b; }
  .lines { background: #efe9e0; padding: 12px; display: flex; flex-direction: column; gap: 6px; max-height: 330px; overflow-y: auto; }
  .line { padding: 6px 10px; border-radius: 8px; max-width: 88%; background: #fff; overflow-wrap: anywhere; box-shadow: 0 1px 1px #0001; }
  .line time { font-size: 11px; color: #778; margin-left: 8px; }
  .line.cliente { align-self: flex-end; background: #d9fdd3; }
  .line.aviso { align-self: center; background: #fff3cd; font-size: 13px; }
  .note { background: #fff3cd; border-radius: 6px; padding: 6px 10px; margin: 0 0 8px; font-size: 13px; }
  .problem { color: #c0392b; margin: 0; font-size: 13px; }
  @media (max-width: 800px) {
    header, .layout { padding: 12px; }
    .layout, main { grid-template-columns: minmax(0, 1fr); }
    /* The form stands behind what it adds to. */
    aside { display: contents; }
    .write { order: 1; }
    .lines { max-height: none; }
  }
  .empty { grid-column: 1 / -1; text-align: center; color: #667; padding: 60px 0; }
</style>
</head>
<body>
<header><h1>Chat de mentira</h1><span>o que cada cliente vê no seu telefone</span><span id="paginas"></span></header>
<div class="layout">
  <aside>
    <section><h2>Consultores</h2><div id="consultores"></div></section>
    <section><h2>De quem é a vez</h2><ul class="next" id="vez"></ul></section>
    <section id="espera"></section>
    <section class="write">
      <h2>Escrever como cliente</h2>
      <p class="note" id="fechado">A história está sendo contada. Quando terminar, é com você.</p>
      <form id="formulario"><fieldset id="campos" disabled>
        <select name="cliente" aria-label="Cliente"><option value="">Cliente novo</option></select>
        <div id="novo">
          <fieldset>
            <input name="nome" placeholder="Nome" aria-label="Nome" maxlength="80">
            <input name="telefone" placeholder="+55 11 98765-4321 (opcional)" aria-label="Telefone" maxlength="32">
            <select name="idioma" aria-label="Idioma"><option value="pt-BR">português</option><option value="es">espanhol</option><option value="en">inglês</option></select>
          </fieldset>
        </div>
        <textarea name="texto" rows="2" placeholder="Mensagem" aria-label="Mensagem">Quero falar com uma pessoa</textarea>
        <button class="main">Enviar</button>
        <p class="problem" id="problema"></p>
      </fieldset></form>
    </section>
  </aside>
  <main id="conversas"></main>
</div>
<script>
const at = (id) => document.getElementById(id)
const make = (tag, text, className) => {
  const element = document.createElement(tag)
  if (text !== undefined && text !== null) element.textContent = text
  if (className) element.className = className
  return element
}
const send = async (path, body) => {
  const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const said = response.ok ? {} : await response.json().catch(() => ({}))
  at('problema').textContent = response.ok ? '' : said.detail || 'Não deu certo. Tente de novo.'
  await look()
  return response.ok
}
const LANGUAGES = { pt: 'português', en: 'inglês', es: 'espanhol' }
const STATES = { em_espera: 'na fila', indisponivel: 'ninguém', null: '…' }
// The story's zone, wherever the browser is.
const hour = (iso) => new Date(iso).toLocaleTimeString('pt-BR', { hour: '2-digit', minute: '2-digit', timeZone: 'America/Sao_Paulo' })

function person(one, open) {
  const row = make('div', undefined, 'person')
  const name = make('div', one.nome)
  name.append(make('small', one.idiomas.map((code) => LANGUAGES[code] || code).join(', ')))
  const button = make('button', one.status_online ? 'Ficar offline' : 'Ficar online')
  button.disabled = !open
  button.onclick = () => send('/presenca', { id: one.id, online: !one.status_online })
  row.append(make('span', undefined, one.status_online ? 'dot on' : 'dot'), name, button)
  return row
}

function turn({ idioma, ordem }) {
  const item = make('li')
  item.append(make('b', idioma), ordem.map((one) => one.nome).join(' → ') || 'ninguém online')
  return item
}

function card(one) {
  const element = make('article', undefined, one.situacao || '')
  const head = make('div', undefined, 'head')
  head.append(make('strong', one.cliente.nome))
  const meta = make('div', one.consultor || STATES[one.situacao] || '', 'meta')
  meta.append(make('small', one.protocolo ? 'protocolo ' + one.protocolo : one.posicao ? 'lugar ' + one.posicao : ''))
  head.append(meta)
  const lines = make('div', undefined, 'lines')
  for (const { de, texto, em } of one.mensagens) {
    const line = make('div', texto, 'line ' + de)
    line.append(make('time', hour(em)))
    lines.append(line)
  }
  element.append(head, lines)
  return element
}

function choices(conversas) {
  const select = at('formulario').cliente
  const known = new Set([...select.options].map((one) => one.value))
  for (const { cliente } of conversas) {
    if (known.has(cliente.id)) continue
    const option = make('option', cliente.nome)
    option.value = cliente.id
    select.append(option)
  }
}

function waiting(espera) {
  const list = make('ul', undefined, 'next')
  for (const { posicao, cliente } of espera) {
    const item = make('li')
    item.append(make('b', posicao + 'º'), cliente || 'cliente')
    list.append(item)
  }
  at('espera').replaceChildren(make('h2', 'Na fila'), espera.length ? list : make('span', 'ninguém espera'))
}

let last = ''
async function look() {
  const text = await (await fetch('/estado')).text()
  if (text === last) return
  const state = JSON.parse(text)
  if (!state.conversas) return
  last = text
  at('consultores').replaceChildren(...state.consultores.map((one) => person(one, state.aberto)))
  at('vez').replaceChildren(...state.idiomas.map(turn))
  waiting(state.espera)
  choices(state.conversas)
  at('campos').disabled = !state.aberto
  at('fechado').hidden = state.aberto
  at('paginas').replaceChildren(...Object.entries(state.paginas).flatMap(([name, href]) => {
    const link = make('a', name)
    link.href = href
    return [link, ' ']
  }))
  const latest = (one) => (one.mensagens.at(-1) || {}).em || ''
  const cards = [...state.conversas].reverse().sort((a, b) => (latest(a) < latest(b) ? 1 : latest(a) > latest(b) ? -1 : 0)).map(card)
  at('conversas').replaceChildren(...(cards.length ? cards : [make('p', 'Ainda ninguém escreveu.', 'empty')]))
  for (const lines of document.querySelectorAll('.lines')) lines.scrollTop = lines.scrollHeight
}

const form = at('formulario')
form.cliente.onchange = () => { at('novo').hidden = form.cliente.value !== '' }
form.onsubmit = async (event) => {
  event.preventDefault()
  const known = form.cliente.value
  const who = known ? { cliente: known } : { nome: form.nome.value, telefone: form.telefone.value, idioma: form.idioma.value }
  if (await send('/escrever', { ...who, texto: form.texto.value })) { form.nome.value = ''; form.telefone.value = '' }
}
const again = () => look().catch(() => undefined).finally(() => setTimeout(again, 1000))
again()
</script>
</body>
</html>
`
