// Runs before the first paint, so that the window never flashes in the wrong colours. Settings arrive later and have the last word.
;(function () {
  var choice = 'system'
  try {
    choice = localStorage.getItem('patchbay-theme') || 'system'
  } catch (error) {
    void error
  }
  var dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
