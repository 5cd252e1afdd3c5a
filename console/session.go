package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"sync"
)

// session contains the secrets of one start of the console.
type session struct {
	// token is in the URL that the command prints. It is exchanged for the cookie, so that
	// it stays neither in the address bar nor in later requests.
	token string
	// cookie is the value of the cookie.
	cookie string
	// form is in each form, so that only the console's own pages can post.
	form string
	// once is a token that is valid for one exchange, because others can see the
	// arguments of the program that opens a browser.
	once *oneTimeSecret
}

// oneTimeSecret is a secret that can be used once; "" after its use.
type oneTimeSecret struct {
	mu     sync.Mutex
	secret string
}

func (o *oneTimeSecret) use(given string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.secret == "" || !equal(given, o.secret) {
		return false
	}
	o.secret = ""
	return true
}

func newSession() session {
	return session{token: rand.Text(), cookie: rand.Text(), form: rand.Text(), once: &oneTimeSecret{secret: rand.Text()}}
}

const (
	tokenParameter = "token"
	formField      = "csrf"
	maxForm        = 4 << 20 // Bytes.
)

// cookieName returns a name with the port, because cookies are shared by all ports of a
// host, and two consoles must not overwrite each other's.
func cookieName(host string) string {
	_, port, _ := net.SplitHostPort(host)
	return "store-events-console-" + port
}

// equal compares in constant time.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// require refuses requests without the session's secrets. It sets the cookie for a
// request with the token, and redirects it to the same page without the token.
func (s session) require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if given := query.Get(tokenParameter); r.Method == http.MethodGet && (equal(given, s.token) || s.once.use(given)) {
			// Without Secure, because the console uses http on the loopback address.
			http.SetCookie(w, &http.Cookie{
				Name: cookieName(r.Host), Value: s.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			})
			query.Del(tokenParameter)
			target := *r.URL
			target.Scheme, target.Host, target.RawQuery = "", "", query.Encode()
			target.Path = localPath(target.Path)
			http.Redirect(w, r, target.String(), http.StatusSeeOther)
			return
		}
		cookie, err := r.Cookie(cookieName(r.Host))
		if err != nil || !equal(cookie.Value, s.cookie) {
			http.Error(w, "This console needs the URL that `storeevents ui` printed: open it again.", http.StatusForbidden)
			return
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if r.Method != http.MethodPost {
			http.Error(w, "Only GET and POST.", http.StatusMethodNotAllowed)
			return
		}
		if err := r.ParseForm(); err != nil {
			http.Error(w, "The form cannot be read.", http.StatusBadRequest)
			return
		}
		if !equal(r.PostForm.Get(formField), s.form) {
			http.Error(w, "The form is not of this session: open the page again.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// localPath prevents a redirect to another server, which //host would be for a browser.
func localPath(path string) string {
	if len(path) < 2 || path[0] != '/' || path[1] == '/' || path[1] == '\\' {
		return "/"
	}
	return path
}
