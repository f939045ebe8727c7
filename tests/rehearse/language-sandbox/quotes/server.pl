# A quote, which is a fee that another part knows: GET /quote. It passes the trace on, as services do.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(
    LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT}, Listen => 64, ReuseAddr => 1
) or die "cannot listen: $!";
print STDERR "listening on $ENV{PORT}\n";

sub fee {
    my ($trace) = @_;
    my ($host) = $ENV{FEES_SVC_URL} =~ m{^http://(.+)$};
    my $fees = IO::Socket::INET->new($host) or die "no fees: $!";
    print $fees "GET /fee HTTP/1.1\r\nHost: $host\r\n${trace}Connection: close\r\n\r\n";
    my $answer = join '', <$fees>;
    my ($fee) = $answer =~ /"fee":\s*(\d+)/ or die "no fee in $answer";
    return $fee;
}

while (my $client = $listener->accept) {
    next if fork;
    my $request = <$client> // '';
    my $trace = '';
    while (my $header = <$client>) {
        last if $header =~ /^\r?\n$/;
        $trace .= $header if $header =~ /^(traceparent|tracestate|baggage|x-esr-[a-z-]+):/i;
    }
    my ($status, $body) = $request =~ m{^GET /healthz } ? ('200 OK', '{}')
        : $request =~ m{^GET /quote\b} ? ('200 OK', '{"amount":"' . $ENV{CURRENCY} . fee($trace) . '"}')
        : ('404 Not Found', '{}');
    print $client "HTTP/1.1 $status\r\nContent-Type: application/json\r\nContent-Length: " . length($body)
        . "\r\nConnection: close\r\n\r\n$body";
    close $client;
    exit 0;
}
