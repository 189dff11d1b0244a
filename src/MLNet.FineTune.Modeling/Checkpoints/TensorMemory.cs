using MLNet.FineTune.Runtime;
using TorchSharp;

namespace MLNet.FineTune.Checkpoints;

/// <summary>The native memory of contiguous CPU tensors, in spans that .NET can address.</summary>
internal static class TensorMemory
{
    // TorchSharp's Tensor.bytes refuses more than two gigabytes; embeddings of large models have them.
    private const int ChunkLength = 1 << 24;

    public delegate void SpanAction(long offset, Span<byte> chunk);

    /// <summary>A new CPU tensor with the shape of <paramref name="info"/>, filled chunk by chunk and converted.</summary>
    /// <param name="info">The validated declaration.</param>
    /// <param name="location">The file, for messages.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <param name="fill">Fills a chunk, given its byte offset from the tensor's start.</param>
    /// <exception cref="InvalidDataException">TorchSharp cannot hold the stored type.</exception>
    public static torch.Tensor Read(TensorInfo info, string location, torch.ScalarType? dtype, SpanAction fill)
    {
        torch.ScalarType stored = info.DType.Scalar()
            ?? throw new InvalidDataException($"{location}: tensor '{info.Name}' is stored as {info.DType.Name()}, which TorchSharp cannot hold; save it in another type.");
        NativeBackend.EnsureLoaded();

        // A C++ bool that is neither 0 nor 1 is undefined behaviour: such bytes are compared, not reinterpreted.
        torch.ScalarType raw = stored == torch.ScalarType.Bool ? torch.ScalarType.Byte : stored;
        torch.Tensor tensor = torch.empty([.. info.Shape], raw, torch.CPU);
        try
        {
            ForEachChunk(tensor, fill);
            torch.ScalarType target = dtype ?? stored;
            if (target == raw)
                return tensor;
            torch.Tensor converted = stored == torch.ScalarType.Bool ? tensor.Ne(0) : tensor.to_type(target);
            tensor.Dispose();
            tensor = converted;
            if (tensor.dtype == target)
                return tensor;
            converted = tensor.to_type(target);
            tensor.Dispose();
            return converted;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Visits the memory of <paramref name="contiguous"/> from its first byte to its last.</summary>
    public static void ForEachChunk(torch.Tensor contiguous, SpanAction action)
    {
        long elementSize = contiguous.element_size();
        long total = contiguous.numel();
        using torch.Tensor flat = contiguous.view(total);
        for (long start = 0; start < total;)
        {
            long count = Math.Min(total - start, ChunkLength / elementSize);
            using torch.Tensor part = flat.narrow(0, start, count);
            action(start * elementSize, part.bytes);
            start += count;
        }
    }
}
