use IO::Socket::INET;
my %pages = ('/' => <<'HTML', '/strict' => '<title>Strict</title><form method="post" action="/strict"><input name="code" pattern="[0-9]{4}" title="four digits"><button>Send</button></form>');
<!DOCTYPE html><title>App</title>
<p id="ready"></p><p style="display:none">unseen words</p>
<button type="button" id="look">Look up the fee</button><output id="fee"></output>
<form id="f">
  <input name="name"><input type="date" name="born">
  <select name="country"><option value="">–<option value="CH">Switzerland</select><span id="more"></span>
  <label><input type="checkbox" name="agree" style="opacity:0;position:absolute;width:0;height:0"><span>I agree</span></label>
  <input type="file" name="photo">
</form>
<img src="http://tracker.example/pixel.gif">
<script>
document.cookie = "session=s1";
ready.textContent = "scripts run";
look.onclick = async () => { const r = await fetch("/api/fee"); fee.textContent = (await r.json()).fee; };
f.elements.country.onchange = () => setTimeout(() => more.innerHTML = '<input name="canton">', 0);
f.onsubmit = async (event) => {
  event.preventDefault();
  const e = f.elements;
  const answer = await fetch("/api/apply", { method: "POST", body: JSON.stringify({ agree: e.agree.checked }) });
  if (answer.ok && e.agree.checked)
    document.body.innerHTML = `<p>Thank you, ${e.name.value} from ${e.canton.value}, born ${e.born.value}, with ${e.photo.files[0].name}</p>`;
};
</script>
HTML
$pages{'/dialogs'} = '<title>Dialogs</title><script>alert("one"); confirm("two");</script><p>after both</p>';
$pages{'/timer'} = '<title>Timer</title><p>first</p><script>setTimeout(() => location = "/dialogs", 300)</script>';
$pages{'/download'} = '<title>Download</title><a href="/file">Get it</a><p>still here</p>';
$pages{'/leave'} = '<title>Leave</title><script>onbeforeunload = event => event.preventDefault()</script><input name="a"><a href="/dialogs">Go</a>';
$pages{'/frame'} = '<title>Frame</title><iframe src="/dialogs"></iframe><p>around it</p>';
my $listener = IO::Socket::INET->new(LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT}, Listen => 99, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
  next if fork;
  my $first = <$client>; my ($method, $path) = split / /, $first; my ($length, $cookie) = (0, '');
  while (my $line = <$client>) { last if $line =~ /^\r?\n$/; $length = $1 if $line =~ /^content-length: (\d+)/i; $cookie = $1 if $line =~ /session=(\w+)/; }
  read($client, my $body, $length) if $length;
  my ($status, $type, $text) = ('200 OK', 'application/json', '');
  if ($path eq '/api/fee') { $text = '{"fee":"$130"}' }
  elsif ($path eq '/api/apply') { $text = '{}' }
  elsif ($path eq '/whoami') { $text = "{\"session\":\"$cookie\"}" }
  elsif ($path eq '/round') { print $client "HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"; exit }
  elsif ($path eq '/file') { print $client "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\nContent-Length: 3\r\nConnection: close\r\n\r\nPK!"; exit }
  elsif ($path eq '/half') { print $client "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n<p>half"; close $client; exit }
  elsif (exists $pages{$path}) { ($type, $text) = ('text/html; charset=utf-8', $pages{$path}) }
  else { ($status, $text) = ('404 Not Found', '{}') }
  print $client "HTTP/1.1 $status\r\nContent-Type: $type\r\nContent-Length: " . length($text) . "\r\nConnection: close\r\n\r\n$text";
  exit;
}
