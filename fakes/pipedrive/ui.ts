/** The account as a page in which a person works: it asks nobody else for anything and looks again each second. */
export const PAGE = `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pipedrive de mentira</title>
<style>
  :root { color-scheme: light; font: 15px/1.45 system-ui, sans-serif; }
  body { margin: 0; background: #f3f4f6; color: #1f2430; }
  header { background: #1f2430; color: #fff; padding: 12px 20px; display: flex; gap: 18px; align-items: baseline; flex-wrap: wrap; }
  h1 { font-size: 18px; margin: 0; }
  header span { opacity: .75; font-size: 13px; }
  main { padding: 16px 20px; display: grid; gap: 14px; align-items: start; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); }
  article { background: #fff; border-radius: 8px; padding: 14px 16px; box-shadow: 0 1px 3px #0002; border-left: 5px solid #2f6fed; }
  article.won { border-color: #1a8f4a; } article.lost, article.deleted { border-color: #c0392b; opacity: .8; }
  h2 { font-size: 16px; margin: 0 0 6px; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0 0 10px; }
  dt { color: #667; } dd { margin: 0; overflow-wrap: anywhere; }
  ul { list-style: none; margin: 8px 0; padding: 0; }
  li { display: flex; justify-content: space-between; gap: 10px; align-items: center; padding: 4px 0; border-top: 1px solid #eee; }
  li.done span { text-decoration: line-through; color: #889; }
  button, select { font: inherit; padding: 3px 10px; border: 1px solid #bcc2d0; border-radius: 5px; background: #fff; cursor: pointer; }
  button { white-space: nowrap; }
  button:hover { background: #eef2ff; }
  footer { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; }
  .empty { grid-column: 1 / -1; text-align: center; color: #667; padding: 60px 0; }
</style>
</head>
<body>
<header><h1>Pipedrive de mentira</h1><span id="resumo"></span><span>o que se faz aqui é feito por uma pessoa (Ana)</span></header>
<main id="negocios"></main>
<script>
const STATUS = { open: 'aberto', won: 'ganho', lost: 'perdido', deleted: 'excluído' }
const make = (tag, text, className) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (className) element.className = className
  return element
}
const act = async (acao, id, valor) => {
  await fetch('/__fake/act', { method: 'POST', body: JSON.stringify({ acao, id, ...(valor === undefined ? {} : { valor }) }) })
  await look(true)
}
const button = (text, work) => {
  const element = make('button', text)
  element.onclick = work
  return element
}
const row = (list, name, value) => list.append(make('dt', name), make('dd', value))

function activityItem(one) {
  const item = make('li', undefined, one.done ? 'done' : '')
  const when = one.due_date ? ' · ' + one.due_date + ' ' + (one.due_time || '') + ' UTC' : ''
  item.append(make('span', one.subject + when))
  item.append(one.done ? button('Reabrir', () => act('reabrir', one.id)) : button('Concluir atividade', () => act('concluir', one.id)))
  return item
}

function ownerSelect(deal, users) {
  const select = make('select')
  select.setAttribute('aria-label', 'Trocar dono')
  for (const user of users) {
    if (!user.active_flag && user.id !== deal.owner_id) continue
    const option = make('option', user.name + (user.active_flag ? '' : ' (inativo)'))
    option.value = user.id
    option.selected = user.id === deal.owner_id
    select.append(option)
  }
  select.onchange = () => { select.blur(); act('trocar_dono', deal.id, Number(select.value)) }
  return select
}

function card(deal, state) {
  const element = make('article', undefined, deal.status)
  const person = state.persons.find((one) => one.id === deal.person_id)
  const stage = state.stages.find((one) => one.id === deal.stage_id)
  element.append(make('h2', deal.title))
  const facts = make('dl')
  for (const field of state.fields) {
    if (!field.is_custom_field || deal.custom_fields[field.field_code] == null) continue
    const value = deal.custom_fields[field.field_code]
    row(facts, field.field_name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  row(facts, 'Pessoa', person ? person.name + ' ' + person.phones.map((one) => one.value).join(', ') : '—')
  row(facts, 'Etapa', stage ? stage.name : '—')
  row(facts, 'Situação', (STATUS[deal.status] || deal.status) + (deal.lost_reason ? ': ' + deal.lost_reason : ''))
  element.append(facts)
  const list = make('ul')
  for (const one of state.activities) if (one.deal_id === deal.id && !one.is_deleted) list.append(activityItem(one))
  element.append(list)
  const foot = make('footer')
  foot.append(make('span', 'Dono:'), ownerSelect(deal, state.users))
  if (deal.status === 'open') {
    foot.append(button('Ganhar', () => act('ganhar', deal.id)))
    foot.append(button('Perder', () => act('perder', deal.id, prompt('Motivo da perda', 'Sem retorno') || 'Sem motivo')))
  } else if (deal.status !== 'deleted') {
    foot.append(button('Reabrir negócio', () => act('reabrir_negocio', deal.id)))
  }
  if (deal.status !== 'deleted') element.append(foot)
  return element
}

let last = ''
async function look(force) {
  const state = await (await fetch('/__fake/state')).json()
  document.getElementById('resumo').textContent = state.deals.length + ' negócios · ' + state.persons.filter((one) => !one.is_deleted).length
    + ' pessoas · ' + state.limits.daily + ' tokens restantes'
  const text = JSON.stringify([state.deals, state.persons, state.activities, state.users, state.fields])
  if (text === last || (!force && document.activeElement?.tagName === 'SELECT')) return
  last = text
  const cards = [...state.deals].reverse().map((deal) => card(deal, state))
  document.getElementById('negocios').replaceChildren(...(cards.length ? cards : [make('p', 'Ainda não há negócios.', 'empty')]))
}
const again = () => look(false).catch(() => undefined).finally(() => setTimeout(again, 1000))
again()
</script>
</body>
</html>
`
