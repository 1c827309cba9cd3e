"""An SMTP server for tests. Prints its port, then a JSON line for each message it takes. Recipients say how it answers:
later@… is refused for now (451) the first time, never@… for good (550), greylist@… is refused for now after the data."""
import json
import sys
import time

from aiosmtpd.controller import Controller


class Peer:
    def __init__(self):
        self.deferred = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split('@')[0]
        if name == 'never':
            return '550 5.1.1 no such user'
        if name == 'later' and address not in self.deferred:
            self.deferred.add(address)
            return '451 4.3.0 try again later'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        if recipient.startswith('greylist') and recipient not in self.deferred:
            self.deferred.add(recipient)
            return '450 4.7.0 greylisted'
        print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'data': envelope.content.decode('utf-8', 'replace')}), flush=True)
        return '250 taken'


controller = Controller(Peer(), hostname='127.0.0.1', port=int(sys.argv[1]))
controller.start()
print('ready', flush=True)
sys.stdin.read()  # until the test closes it
controller.stop()
