using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>A padded batch of token ids as an encoder takes it.</summary>
/// <remarks>Masks, segments and positions are left out where they say nothing, which saves their work: no padding, one segment, plain positions.</remarks>
internal sealed class EncoderInput : IDisposable
{
    /// <param name="inputIds">Token ids, int64 [batch, length].</param>
    /// <param name="mask">True for tokens, false for padding, bool [batch, length]; null when nothing is padding.</param>
    /// <param name="tokenTypeIds">Segment ids, int64 [batch, length]; null when all are zero.</param>
    /// <param name="positions">Rows of the position table, int64 [batch, length]; null when they count up from the offset in every row.</param>
    public EncoderInput(Tensor inputIds, Tensor? mask = null, Tensor? tokenTypeIds = null, Tensor? positions = null)
    {
        (InputIds, Mask, TokenTypeIds, Positions) = (inputIds, mask, tokenTypeIds, positions);
    }

    public Tensor InputIds { get; }
    public Tensor? Mask { get; }
    public Tensor? TokenTypeIds { get; }
    public Tensor? Positions { get; }

    public long BatchSize => InputIds.size(0);
    public long Length => InputIds.size(1);

    /// <summary>Builds a batch from rows of different lengths, padded on the right to the longest.</summary>
    /// <param name="ids">Token ids of each row, special tokens included.</param>
    /// <param name="typeIds">Segment ids of each row; null when all are zero.</param>
    /// <param name="config">Says the padding id and how positions count.</param>
    /// <param name="device">Where the tensors go.</param>
    public static EncoderInput Create(IReadOnlyList<int[]> ids, IReadOnlyList<int[]>? typeIds, EncoderConfig config, Device device)
    {
        int rows = ids.Count;
        int length = 0, shortest = int.MaxValue;
        foreach (int[] row in ids)
            (length, shortest) = (Math.Max(length, row.Length), Math.Min(shortest, row.Length));
        if (length > config.MaxLength)
            throw new ArgumentException($"A text has {length} tokens; the encoder takes at most {config.MaxLength}.", nameof(ids));

        bool padded = shortest < length;
        bool positioned = padded && config.PositionOffset > 0;
        var tokens = new long[rows * length];
        var mask = padded ? new bool[rows * length] : null;
        var positions = positioned ? new long[rows * length] : null;
        if (padded)
            Array.Fill(tokens, config.PadId);
        if (positioned)
            Array.Fill(positions!, config.PositionOffset - 1);
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < ids[r].Length; i++)
            {
                int at = r * length + i;
                tokens[at] = ids[r][i];
                if (padded)
                    mask![at] = true;
                if (positioned)
                    positions![at] = config.PositionOffset + i;
            }

        return new EncoderInput(
            Put(tokens), mask is null ? null : Put(mask), Segments(typeIds, config, rows, length) is { } types ? Put(types) : null,
            positions is null ? null : Put(positions));

        Tensor Put<T>(T[] values) where T : unmanaged
        {
            Tensor onCpu = values is long[] longs ? torch.tensor(longs, [rows, length]) : torch.tensor((bool[])(object)values, [rows, length]);
            if (device.type == DeviceType.CPU)
                return onCpu;
            using (onCpu)
                return onCpu.to(device);
        }
    }

    private static long[]? Segments(IReadOnlyList<int[]>? typeIds, EncoderConfig config, int rows, int length)
    {
        if (typeIds is null || config.TokenTypeCount < 2)
            return null;
        long[]? segments = null;
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < typeIds[r].Length; i++)
                if (typeIds[r][i] != 0)
                    (segments ??= new long[rows * length])[r * length + i] = typeIds[r][i];
        return segments;
    }

    public void Dispose()
    {
        InputIds.Dispose();
        Mask?.Dispose();
        TokenTypeIds?.Dispose();
        Positions?.Dispose();
    }
}
