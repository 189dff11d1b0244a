using System.Security.Cryptography;

namespace MLNet.FineTune.Persistence;

/// <summary>Passes writes on and computes the length and the SHA-256 of all that was written.</summary>
internal sealed class HashingStream(Stream destination) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException("The stream is written from start to end.");
    }

    public byte[] GetHash() => _hash.GetCurrentHash();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        destination.Write(buffer);
        _hash.AppendData(buffer);
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush() => destination.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is only written.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The stream is written from start to end.");

    public override void SetLength(long value) => throw new NotSupportedException("The stream is written from start to end.");

    protected override void Dispose(bool disposing)
    {
        // A writer over the stream may dispose it when its part is done; the hash is asked for after that, and the destination has another owner.
        if (disposing)
            destination.Flush();
        base.Dispose(disposing);
    }
}
