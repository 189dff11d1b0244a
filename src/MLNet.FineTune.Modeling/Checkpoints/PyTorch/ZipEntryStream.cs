using System.IO.Compression;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>The contents of a zip entry, read once from start to end; it gives exactly the declared number of bytes or throws.</summary>
internal sealed class ZipEntryStream : IDisposable
{
    private readonly CheckpointBytes _bytes;
    private readonly ZipEntry _entry;
    private readonly string _location;
    private readonly DeflateStream? _inflater;
    private long _position;

    public ZipEntryStream(CheckpointBytes bytes, ZipEntry entry, string location)
    {
        (_bytes, _entry, _location) = (bytes, entry, location);
        if (entry.Deflated)
            _inflater = new DeflateStream(new Range(bytes, entry.DataOffset, entry.CompressedLength), CompressionMode.Decompress);
    }

    /// <summary>The whole entry.</summary>
    public static byte[] ReadAll(CheckpointBytes bytes, ZipEntry entry, string location)
    {
        if (entry.Length > Array.MaxLength)
            throw new InvalidDataException($"{location}: entry '{entry.Name}' takes {entry.Length} bytes, more than can be held in memory.");
        using var stream = new ZipEntryStream(bytes, entry, location);
        byte[] contents = new byte[entry.Length];
        stream.Read(contents);
        return contents;
    }

    /// <summary>Moves forward to a position in the unpacked contents.</summary>
    public void SkipTo(long position)
    {
        Span<byte> skipped = stackalloc byte[1024];
        if (_inflater is null)
            _position = position;
        while (_position < position)
            Read(skipped[..(int)Math.Min(skipped.Length, position - _position)]);
    }

    /// <summary>Fills <paramref name="destination"/> with the next bytes.</summary>
    /// <exception cref="InvalidDataException">The entry has fewer bytes than it declares.</exception>
    public void Read(Span<byte> destination)
    {
        if (destination.Length > _entry.Length - _position)
            throw new InvalidDataException($"{_location}: entry '{_entry.Name}' has {_entry.Length} bytes; {_position + destination.Length} were expected.");
        if (_inflater is null)
        {
            _bytes.CopyTo(_entry.DataOffset + _position, destination);
        }
        else
        {
            int read = Inflate(destination);
            if (read < destination.Length)
                throw new InvalidDataException($"{_location}: entry '{_entry.Name}' is said to unpack to {_entry.Length} bytes, but has {_position + read}.");
        }
        _position += destination.Length;
        if (_inflater is not null && _position == _entry.Length && Inflate(stackalloc byte[1]) != 0)
            throw new InvalidDataException($"{_location}: entry '{_entry.Name}' unpacks to more than the {_entry.Length} bytes it declares.");
    }

    public void Dispose() => _inflater?.Dispose();

    private int Inflate(Span<byte> destination)
    {
        try
        {
            return _inflater!.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{_location}: entry '{_entry.Name}' is damaged: {e.Message}", e);
        }
    }

    /// <summary>A part of the checkpoint as the stream that the inflater wants.</summary>
    private sealed class Range(CheckpointBytes bytes, long start, long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, length - _position);
            bytes.CopyTo(start + _position, buffer[..count]);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
