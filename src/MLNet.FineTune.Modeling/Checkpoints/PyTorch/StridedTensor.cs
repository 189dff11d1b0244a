using TorchSharp;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>A tensor of a PyTorch archive: a window on a storage that has been held against the storage's bounds.</summary>
internal sealed class StridedTensor
{
    private readonly ZipEntry _entry;
    private readonly long[] _strides;
    private readonly long _elementOffset;
    private readonly long _span;

    private StridedTensor(TensorInfo info, ZipEntry entry, long[] strides, long elementOffset, long span)
    {
        Info = info;
        _entry = entry;
        _strides = strides;
        _elementOffset = elementOffset;
        _span = span;
    }

    public TensorInfo Info { get; }

    /// <summary>Checks a tensor of the pickle against the storage it names.</summary>
    /// <exception cref="InvalidDataException">It reaches beyond its storage, or would take more memory than the file justifies.</exception>
    public static StridedTensor Create(string name, PickleTensor tensor, ZipEntry entry, long fileLength, string location)
    {
        TensorDType dtype = tensor.Storage.DType;
        int size = dtype.Size();
        if ((Int128)tensor.Storage.Count * size != entry.Length)
            throw Invalid($"its storage has {tensor.Storage.Count} elements of {dtype.Name()}, but entry '{entry.Name}' has {entry.Length} bytes");
        long length = TensorInfo.ByteLength(tensor.Shape, dtype) ?? throw Invalid($"the size of shape {TensorInfo.Format(tensor.Shape)} overflows");
        // An expanded view may be larger than its storage; one larger than the whole file is an attack on memory.
        if (length > Math.Max(fileLength, entry.Length))
            throw Invalid($"shape {TensorInfo.Format(tensor.Shape)} takes {length} bytes, more than the whole file");

        Int128 span = length == 0 ? 0 : 1;
        for (int i = 0; i < tensor.Shape.Length && length > 0; i++)
            span += (Int128)(tensor.Shape[i] - 1) * tensor.Strides[i];
        if (tensor.Offset < 0 || tensor.Offset + span > tensor.Storage.Count)
            throw Invalid($"elements {tensor.Offset} to {tensor.Offset + span} are not all inside its storage of {tensor.Storage.Count}");
        return new StridedTensor(new TensorInfo(name, dtype, tensor.Shape, tensor.Offset * size, length), entry, tensor.Strides, tensor.Offset, (long)span);

        InvalidDataException Invalid(string what) => new($"{location}: tensor '{name}': {what}.");
    }

    public torch.Tensor Read(CheckpointBytes bytes, string location, torch.ScalarType? dtype)
    {
        if (IsContiguous())
            return ReadRun(Info, bytes, location, dtype);
        using torch.Tensor run = ReadRun(Info with { Shape = [_span], Length = _span * Info.DType.Size() }, bytes, location, dtype);
        using torch.Tensor view = run.as_strided([.. Info.Shape], _strides, 0);
        return view.contiguous();
    }

    private torch.Tensor ReadRun(TensorInfo run, CheckpointBytes bytes, string location, torch.ScalarType? dtype)
    {
        using var stream = new ZipEntryStream(bytes, _entry, location);
        stream.SkipTo(_elementOffset * run.DType.Size());
        return TensorMemory.Read(run, location, dtype, (_, chunk) => stream.Read(chunk));
    }

    private bool IsContiguous()
    {
        long expected = 1;
        for (int i = _strides.Length - 1; i >= 0; i--)
        {
            if (Info.Shape[i] != 1 && _strides[i] != expected && Info.Length > 0)
                return false;
            expected *= Math.Max(Info.Shape[i], 1);
        }
        return true;
    }
}
