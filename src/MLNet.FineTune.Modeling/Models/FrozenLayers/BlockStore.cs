using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace MLNet.FineTune.Models;

/// <summary>Bytes that are appended once and read often: in memory up to a limit, after that in a file mapped into memory, deleted in the end.</summary>
internal sealed unsafe class BlockStore : IDisposable
{
    private readonly long _blockSize;
    private readonly MemoryBudget _memory;
    private readonly string _folder;
    private readonly List<Block> _blocks = [];
    private long _used;

    /// <param name="memory">Bytes to keep in memory at most, in all stores with the same budget.</param>
    /// <param name="folder">Where the file goes when memory is used up.</param>
    /// <param name="blockSize">Bytes asked for at once; an entry cannot be longer.</param>
    public BlockStore(MemoryBudget memory, string folder, long blockSize = 64L << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        (_memory, _folder, _blockSize) = (memory, folder, blockSize);
    }

    /// <summary>Bytes held in memory.</summary>
    public long MemoryBytes => _blocks.Where(block => block.File is null).Sum(block => block.Length);

    /// <summary>Bytes held in files.</summary>
    public long FileBytes => _blocks.Where(block => block.File is not null).Sum(block => block.Length);

    /// <summary>Makes room for an entry.</summary>
    /// <returns>Where to write its bytes, and to read them later; valid until the store is disposed.</returns>
    /// <exception cref="IOException">The file cannot be made or grow.</exception>
    public nint Append(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _blockSize);
        if (_blocks.Count == 0 || _used + length > _blocks[^1].Length)
        {
            _blocks.Add(_memory.TryTake(_blockSize) ? new Block(_blockSize) : new Block(_blockSize, _folder));
            _used = 0;
        }
        nint at = _blocks[^1].Start + (nint)_used;
        _used += length;
        return at;
    }

    public void Dispose()
    {
        foreach (Block block in _blocks)
            block.Dispose();
        _blocks.Clear();
    }

    private sealed class Block : IDisposable
    {
        private readonly MemoryMappedFile? _map;
        private readonly MemoryMappedViewAccessor? _view;

        public Block(long length)
        {
            Length = length;
            Start = (nint)NativeMemory.Alloc((nuint)length);
        }

        public Block(long length, string folder)
        {
            Length = length;
            File = new FileStream(Path.Combine(folder, $"mlnet-finetune-{Guid.NewGuid():N}.states"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, PreallocationSize = length,
            });
            try
            {
                _map = MemoryMappedFile.CreateFromFile(File, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
                _view = _map.CreateViewAccessor(0, length);
                byte* start = null;
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
                Start = (nint)start;
            }
            catch
            {
                _view?.Dispose();
                _map?.Dispose();
                File.Dispose();
                throw;
            }
        }

        public long Length { get; }

        public nint Start { get; private set; }

        public FileStream? File { get; }

        public void Dispose()
        {
            if (Start == 0)
                return;
            if (_view is null)
                NativeMemory.Free((void*)Start);
            else
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
            Start = 0;
            _view?.Dispose();
            _map?.Dispose();
            File?.Dispose();
        }
    }
}
