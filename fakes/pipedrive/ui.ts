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
  main { padding: 16px 20px; display: grid; gap: 18px; align-items: start; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
  section { display: grid; gap: 12px; align-content: start; }
  section > h2 { border-bottom: 2px solid #d5d9e2; padding-bottom: 6px; display: flex; justify-content: space-between; }
  section > h2 small { font-weight: 400; color: #667; }
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
  @media (max-width: 500px) {
    header, main { padding: 12px; }
    main { grid-template-columns: minmax(0, 1fr); }
    li { flex-wrap: wrap; }
  }
  footer { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; }
  .empty { color: #667; margin: 0; padding: 12px 0; }
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
const labelled = (text, control) => {
  const element = make('label', text)
  element.append(control)
  return element
}
const row = (list, name, value) => list.append(make('dt', name), make('dd', value))

// Pipedrive keeps UTC and shows it in the zone of whoever looks; whoever looks here is in Brazil.
const WHEN = { day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', timeZone: 'America/Sao_Paulo' }
const due = ({ due_date, due_time }) => due_time
  ? new Date(due_date + 'T' + due_time + 'Z').toLocaleString('pt-BR', WHEN).replace(',', '')
  : due_date.split('-').reverse().slice(0, 2).join('/')

function activityItem(one) {
  const item = make('li', undefined, one.done ? 'done' : '')
  item.append(make('span', one.subject + (one.due_date ? ' · até ' + due(one) : '')))
  item.append(one.done ? button('Reabrir', () => act('reabrir', one.id)) : button('Concluir atividade', () => act('concluir', one.id)))
  return item
}

function ownerSelect(deal, users) {
  const select = make('select')
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

function stageSelect(deal, stages) {
  const select = make('select')
  for (const stage of stages) {
    const option = make('option', stage.name)
    option.value = stage.id
    option.selected = stage.id === deal.stage_id
    select.append(option)
  }
  select.onchange = () => { select.blur(); act('mover_etapa', deal.id, Number(select.value)) }
  return select
}

function card(deal, state) {
  const element = make('article', undefined, deal.status)
  const person = state.persons.find((one) => one.id === deal.person_id)
  const stage = state.stages.find((one) => one.id === deal.stage_id)
  const stages = inOrder(state.stages.filter((one) => stage && one.pipeline_id === stage.pipeline_id))
  element.append(make('h2', deal.title))
  const facts = make('dl')
  for (const field of state.fields) {
    if (!field.is_custom_field || deal.custom_fields[field.field_code] == null) continue
    const value = deal.custom_fields[field.field_code]
    row(facts, field.field_name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  row(facts, 'Pessoa', person ? person.name + ' ' + person.phones.map((one) => one.value).join(', ') : '—')
  if (deal.status !== 'open') row(facts, 'Etapa', stage ? stage.name : '—')
  row(facts, 'Situação', (STATUS[deal.status] || deal.status) + (deal.lost_reason ? ': ' + deal.lost_reason : ''))
  element.append(facts)
  const list = make('ul')
  for (const one of state.activities) if (one.deal_id === deal.id && !one.is_deleted) list.append(activityItem(one))
  element.append(list)
  const foot = make('footer')
  foot.append(labelled('Dono: ', ownerSelect(deal, state.users)))
  if (deal.status === 'open') {
    foot.append(labelled('Etapa: ', stageSelect(deal, stages)))
    foot.append(button('Ganhar', () => act('ganhar', deal.id)))
    foot.append(button('Perder', () => act('perder', deal.id, prompt('Motivo da perda', 'Sem retorno') || 'Sem motivo')))
  } else if (deal.status !== 'deleted') {
    foot.append(button('Reabrir negócio', () => act('reabrir_negocio', deal.id)))
  }
  if (deal.status !== 'deleted') element.append(foot)
  return element
}

const inOrder = (all) => [...all].sort((a, b) => a.order_nr - b.order_nr)

function column(name, deals, state) {
  const element = make('section')
  const head = make('h2', name)
  head.append(make('small', deals.length === 1 ? '1 negócio' : deals.length + ' negócios'))
  element.append(head, ...(deals.length ? deals.map((deal) => card(deal, state)) : [make('p', 'Nenhum negócio aqui.', 'empty')]))
  return element
}

/** The first pipeline stage by stage, others only where they hold something; what is over stands apart. */
function board(state) {
  const deals = [...state.deals].reverse()
  const isOpen = (one) => one.status === 'open'
  const columns = inOrder(state.pipelines).flatMap((pipeline, place) => inOrder(state.stages.filter((one) => one.pipeline_id === pipeline.id))
    .map((stage) => ({ name: place === 0 ? stage.name : pipeline.name + ': ' + stage.name, place, all: deals.filter((one) => isOpen(one) && one.stage_id === stage.id) })))
  const over = deals.filter((one) => !isOpen(one))
  return [...columns.filter(({ place, all }) => place === 0 || all.length > 0).map(({ name, all }) => column(name, all, state)),
    ...(over.length ? [column('Encerrados', over, state)] : [])]
}

let last = ''
async function look(force) {
  const state = await (await fetch('/__fake/state')).json()
  document.getElementById('resumo').textContent = state.deals.length + ' negócios · ' + state.persons.filter((one) => !one.is_deleted).length
    + ' pessoas · ' + state.limits.daily + ' tokens restantes'
  const text = JSON.stringify([state.deals, state.persons, state.activities, state.users, state.fields, state.stages])
  if (text === last || (!force && document.activeElement?.tagName === 'SELECT')) return
  last = text
  document.getElementById('negocios').replaceChildren(...board(state))
}
const again = () => look(false).catch(() => undefined).finally(() => setTimeout(again, 1000))
again()
</script>
</body>
</html>
`
