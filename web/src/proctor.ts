// Pictures to the proctoring connection: at the rate that the server asks for, the newest first, never more than it has
// acknowledged room for. Nothing is kept here, and nothing here delays an answer.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  CameraInfoSchema,
  FrameSchema,
  PageSignalSchema,
  PageSignal_Kind,
  ProctorClientMessageSchema,
  ProctorServerMessageSchema,
  type CaptureSettings,
  type ProctorClientMessage,
} from '#proto/proctor_pb';
import { openCamera } from './camera';
import { Connection } from './connection';

export type CameraState = 'off' | 'on' | 'lost' | 'denied';

export interface ProctorOptions {
  readonly address: string;
  readonly video: HTMLVideoElement;
  nowUs(): number;
  state(state: CameraState): void;
  /** A word of the server to the candidate: an incident's type, or a problem's code. */
  notice(code: string): void;
}

const frameBytesMax = 256 * 1024;
const backlogMax = 512 * 1024;
const cameraRetryMs = 5000;

export class Proctor {
  private readonly connection: Connection;
  private readonly canvas = document.createElement('canvas');
  private settings: CaptureSettings | undefined;
  private stream: MediaStream | undefined;
  private sequence = 0n;
  private readonly unacknowledged = new Set<bigint>();
  private encoding = false;
  private connected = false;
  private lastCaptureMs = -Infinity;
  private lastMediaTime = -1;
  private timer: number | undefined;
  private stopped = false;

  constructor(private readonly options: ProctorOptions) {
    this.connection = new Connection(options.address, 'assay.proctor.v1', {
      opened: () => this.opened(),
      received: (bytes) => this.received(bytes),
      lost: () => this.lost(),
    });
  }

  async start(): Promise<void> {
    document.addEventListener('visibilitychange', () => {
      this.signal(document.hidden ? PageSignal_Kind.TAB_HIDDEN : PageSignal_Kind.TAB_VISIBLE);
    });
    document.addEventListener('fullscreenchange', () => {
      this.signal(document.fullscreenElement === null ? PageSignal_Kind.FULLSCREEN_LEFT : PageSignal_Kind.FULLSCREEN_ENTERED);
    });
    this.connection.open();
    await this.openCamera();
    const each = (_now: number, frame: VideoFrameCallbackMetadata): void => {
      if (this.stopped) return;
      this.consider(frame.mediaTime);
      this.options.video.requestVideoFrameCallback(each);
    };
    this.options.video.requestVideoFrameCallback(each);
    // A hidden page gets no frame callbacks; a slow timer goes on, so that being hidden does not look like a dead camera too.
    this.timer = window.setInterval(() => {
      if (document.hidden) this.consider(this.options.video.currentTime);
    }, 1000);
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    this.connection.stop();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.options.video.srcObject = null;
    this.options.state('off');
  }

  private async openCamera(): Promise<void> {
    if (this.stopped) return;
    const opened = await openCamera();
    if (!(opened instanceof MediaStream)) {
      this.options.state(opened === 'denied' ? 'denied' : 'lost');
      window.setTimeout(() => void this.openCamera(), cameraRetryMs);
      return;
    }
    this.stream = opened;
    this.options.video.srcObject = opened;
    await this.options.video.play().catch(() => undefined);
    opened.getVideoTracks()[0]?.addEventListener('ended', () => {
      this.options.state('lost');
      void this.openCamera();
    });
    this.describeCamera();
    this.showState();
  }

  private showState(): void {
    const live = this.stream?.getVideoTracks()[0]?.readyState === 'live';
    this.options.state(live && this.connected ? 'on' : 'lost');
  }

  private opened(): void {
    this.connected = true;
    this.unacknowledged.clear();
    this.describeCamera();
    this.showState();
    if (document.hidden) this.signal(PageSignal_Kind.TAB_HIDDEN);
  }

  private lost(): void {
    this.connected = false;
    this.showState();
  }

  private describeCamera(): void {
    const track = this.stream?.getVideoTracks()[0];
    if (track === undefined || !this.connected) return;
    const { width = 0, height = 0, frameRate = 0 } = track.getSettings();
    const value = create(CameraInfoSchema, { label: track.label.slice(0, 200), width, height, framesPerSecond: frameRate });
    this.send({ case: 'camera', value });
  }

  private received(bytes: Uint8Array): void {
    const { body } = fromBinary(ProctorServerMessageSchema, bytes);
    switch (body.case) {
      case 'settings':
        this.settings = body.value;
        break;
      case 'received':
        this.unacknowledged.delete(body.value.frameSequence);
        break;
      case 'notice':
      case 'problem':
        this.options.notice(body.value.code);
        break;
      case 'drain':
        this.connection.reconnectWithin(body.value.reconnectWithinMs);
        break;
      default: // of a newer server
    }
  }

  private consider(mediaTime: number): void {
    const { settings } = this;
    if (settings === undefined || !this.connected || this.encoding || mediaTime === this.lastMediaTime) return;
    const now = performance.now();
    // A tenth early is on time: frames come in steps of the camera's own rate.
    if (now - this.lastCaptureMs < 900 / Math.max(0.1, settings.framesPerSecond)) return;
    if (this.unacknowledged.size >= Math.max(1, settings.unacknowledgedMax) || this.connection.backlog > backlogMax) return;
    this.lastCaptureMs = now;
    this.lastMediaTime = mediaTime;
    this.capture(settings, mediaTime);
  }

  private capture(settings: CaptureSettings, mediaTime: number): void {
    const { video } = this.options;
    if (video.videoWidth === 0) return;
    this.canvas.width = settings.width || 640;
    this.canvas.height = settings.height || 480;
    this.canvas.getContext('2d')?.drawImage(video, 0, 0, this.canvas.width, this.canvas.height);
    const capturedAtUs = BigInt(Math.round(this.options.nowUs()));
    this.encoding = true;
    this.canvas.toBlob((blob) => void this.sendFrame(blob, capturedAtUs, mediaTime), 'image/jpeg', settings.jpegQuality || 0.7);
  }

  private async sendFrame(blob: Blob | null, capturedAtUs: bigint, mediaTime: number): Promise<void> {
    const jpeg = blob === null ? undefined : new Uint8Array(await blob.arrayBuffer());
    this.encoding = false;
    if (jpeg === undefined || jpeg.length > frameBytesMax) return;
    this.sequence += 1n;
    const value = create(FrameSchema, { sequence: this.sequence, capturedAtUs, mediaTime, jpeg });
    if (this.send({ case: 'frame', value })) this.unacknowledged.add(this.sequence);
  }

  private signal(kind: PageSignal_Kind): void {
    this.send({ case: 'signal', value: create(PageSignalSchema, { kind, atUs: BigInt(Math.round(this.options.nowUs())) }) });
  }

  private send(body: ProctorClientMessage['body']): boolean {
    return this.connection.send(toBinary(ProctorClientMessageSchema, create(ProctorClientMessageSchema, { body })));
  }
}
