// Execute Code: cole a URL e o segredo da conta (POST /canais).
const URL_DO_CANAL = 'https://vez.exemplo.com/webhooks/botpress/vendas'
const SEGREDO = 'cole aqui'

const pedido = {
  conversationId: event.conversationId,
  userId: event.userId,
  messageId: event.messageId,
  name: user.name,
  phone: user.phone,
  text: event.preview,
  channel: event.channel,
  locale: 'pt-BR',
}
const { data } = await axios.post(URL_DO_CANAL, pedido, {
  headers: { 'x-secret-key': SEGREDO },
  timeout: 10000,
  validateStatus: () => true,
})
workflow.situacao = data.situacao
workflow.protocolo = data.protocolo
workflow.consultor = data.consultor ? data.consultor.nome : null
workflow.texto = data.texto
