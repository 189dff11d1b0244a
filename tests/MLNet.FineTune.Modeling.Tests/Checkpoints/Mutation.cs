namespace MLNet.FineTune.Tests.Checkpoints;

/// <summary>Damages files as disks, networks and attackers do: flips, truncations, insertions, removals, splices, and numbers at the edge of their range.</summary>
internal static class Mutation
{
    private static readonly byte[][] Edges =
        [.. new long[] { 0, 1, -1, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40 }.Select(BitConverter.GetBytes)];

    /// <summary>A damaged copy of <paramref name="seed"/>; the damage falls mostly where structure is, at both ends.</summary>
    public static byte[] Apply(byte[] seed, Random random)
    {
        byte[] file = [.. seed];
        for (int i = random.Next(1, 4); i > 0 && file.Length > 0; i--)
            file = Once(file, random);
        return file;
    }

    private static byte[] Once(byte[] file, Random random)
    {
        int at = Position(file, random);
        int length = random.Next(1, 9);
        switch (random.Next(8))
        {
            case 0:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case 1:
                file[at] = (byte)random.Next(256);
                return file;
            case 2:
                return file[..at];
            case 3:
                byte[] inserted = new byte[length];
                random.NextBytes(inserted);
                return [.. file.AsSpan(0, at), .. inserted, .. file.AsSpan(at)];
            case 4:
                return [.. file.AsSpan(0, at), .. file.AsSpan(Math.Min(file.Length, at + length))];
            case 5:
                int from = Position(file, random);
                int count = Math.Min(random.Next(1, 64), file.Length - from);
                return [.. file.AsSpan(0, at), .. file.AsSpan(from, count), .. file.AsSpan(at)];
            case 6:
                Edges[random.Next(Edges.Length)].AsSpan(0, Math.Min(length, file.Length - at)).CopyTo(file.AsSpan(at));
                return file;
            default:
                // A digit for a digit keeps a text header well-formed, so that what follows it is tested too.
                if (file[at] is >= (byte)'0' and <= (byte)'9')
                    file[at] = (byte)random.Next('0', '9' + 1);
                return file;
        }
    }

    private static int Position(byte[] file, Random random) => random.Next(4) switch
    {
        0 => random.Next(file.Length),
        1 => file.Length - 1 - random.Next(Math.Min(file.Length, 700)),
        _ => random.Next(Math.Min(file.Length, 900)),
    };
}
