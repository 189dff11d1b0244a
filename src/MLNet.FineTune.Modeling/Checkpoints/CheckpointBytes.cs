using System.IO.MemoryMappedFiles;

namespace MLNet.FineTune.Checkpoints;

/// <summary>The bytes of a checkpoint, wherever they lie; bounds are checked on every read.</summary>
internal abstract class CheckpointBytes : IDisposable
{
    /// <summary>How many bytes there are.</summary>
    public abstract long Length { get; }

    /// <summary>Maps a file into memory; pages are read when touched.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static CheckpointBytes Map(string path) => new MappedFile(path);

    /// <summary>Bytes that are in memory already.</summary>
    public static CheckpointBytes Wrap(ReadOnlyMemory<byte> bytes) => new Memory(bytes);

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="InvalidDataException">The range is not inside the file.</exception>
    public void CopyTo(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
            throw new InvalidDataException($"Bytes {offset} to {offset + destination.Length} were asked of a file of {Length} bytes.");
        if (!destination.IsEmpty)
            Copy(offset, destination);
    }

    /// <summary>A copy of a range that the caller has bounded.</summary>
    public byte[] ToArray(long offset, int count)
    {
        if (offset < 0 || offset > Length - count)
            throw new InvalidDataException($"Bytes {offset} to {offset + count} were asked of a file of {Length} bytes.");
        byte[] copy = GC.AllocateUninitializedArray<byte>(count);
        CopyTo(offset, copy);
        return copy;
    }

    public abstract void Dispose();

    private protected abstract void Copy(long offset, Span<byte> destination);

    private sealed class Memory(ReadOnlyMemory<byte> bytes) : CheckpointBytes
    {
        public override long Length => bytes.Length;

        public override void Dispose()
        {
        }

        private protected override void Copy(long offset, Span<byte> destination) => bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    private sealed class MappedFile : CheckpointBytes
    {
        private readonly MemoryMappedFile? _file;
        private readonly MemoryMappedViewAccessor? _view;

        public MappedFile(string path)
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            try
            {
                Length = stream.Length;
                // An empty file cannot be mapped.
                if (Length == 0)
                {
                    stream.Dispose();
                    return;
                }
                _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            }
            catch
            {
                _file?.Dispose();
                stream.Dispose();
                throw;
            }
        }

        public override long Length { get; }

        public override void Dispose()
        {
            _view?.Dispose();
            _file?.Dispose();
        }

        // The handle counts its users: a concurrent Dispose gives ObjectDisposedException, not a stray pointer.
        private protected override void Copy(long offset, Span<byte> destination) => _view!.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, destination);
    }
}
