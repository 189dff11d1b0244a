using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>Random masks for dropout on the CPU: zero with probability p, else 1 / (1 − p).</summary>
/// <remarks>
/// libtorch draws its masks one number at a time, which takes a tenth of a training step in float32, a fifth in bfloat16. Here eight lanes of xoshiro128++
/// (Blackman and Vigna 2018, arXiv 1805.01407) give sixteen elements a step, each from 16 random bits, so that p holds to
/// within 2⁻¹⁷. Each mask is seeded from libtorch's generator: its state is all that must be kept to go on exactly.
/// </remarks>
internal static class DropoutMask
{
    private const int ElementsPerStep = 16;

    /// <param name="like">Gives shape and type, float32 or bfloat16.</param>
    /// <param name="probability">Probability of zero.</param>
    public static Tensor Create(Tensor like, double probability)
    {
        Tensor mask = empty(like.shape, like.dtype);
        using Tensor seed = randint(long.MaxValue, [1], dtype: ScalarType.Int64);
        Fill(mask, seed.item<long>(), probability);
        return mask;
    }

    internal static void Fill(Tensor mask, long seed, double probability)
    {
        uint threshold = (uint)Math.Round(probability * 65536);
        float kept = (float)(1 / (1 - probability));
        var lanes = new Lanes(seed);
        Span<byte> bytes = mask.bytes;
        switch (mask.dtype)
        {
            case ScalarType.Float32:
                FillFloat32(MemoryMarshal.Cast<byte, uint>(bytes), ref lanes, threshold, BitConverter.SingleToUInt32Bits(kept));
                break;
            case ScalarType.BFloat16:
                FillBFloat16(MemoryMarshal.Cast<byte, uint>(bytes), ref lanes, threshold, RoundToBFloat16(kept));
                if (bytes.Length % sizeof(uint) != 0)
                    MemoryMarshal.Cast<byte, ushort>(bytes)[^1] = (lanes.Next()[0] & 0xFFFF) < threshold ? (ushort)0 : RoundToBFloat16(kept);
                break;
            default:
                throw new ArgumentException($"Dropout computes in Float32 or BFloat16; found {mask.dtype}.", nameof(mask));
        }
    }

    private static void FillFloat32(Span<uint> elements, ref Lanes lanes, uint threshold, uint kept)
    {
        Vector256<uint> limit = Vector256.Create(threshold), value = Vector256.Create(kept), low = Vector256.Create(0xFFFFu);
        Span<uint> rest = stackalloc uint[ElementsPerStep];
        for (int at = 0; at < elements.Length; at += ElementsPerStep)
        {
            Vector256<uint> random = lanes.Next();
            Span<uint> target = elements.Length - at >= ElementsPerStep ? elements.Slice(at, ElementsPerStep) : rest;
            Vector256.AndNot(value, Vector256.LessThan(random & low, limit)).CopyTo(target);
            Vector256.AndNot(value, Vector256.LessThan(random >>> 16, limit)).CopyTo(target[Vector256<uint>.Count..]);
            if (elements.Length - at < ElementsPerStep)
                rest[..(elements.Length - at)].CopyTo(elements[at..]);
        }
    }

    /// <summary>Two elements a 32-bit word: both halves of the random word decide one each.</summary>
    private static void FillBFloat16(Span<uint> pairs, ref Lanes lanes, uint threshold, ushort kept)
    {
        // A threshold of 65536 would not fit the halves; probability 1 is refused by the options.
        Vector256<ushort> limit = Vector256.Create((ushort)Math.Min(threshold, ushort.MaxValue)), value = Vector256.Create(kept);
        Span<uint> rest = stackalloc uint[Vector256<uint>.Count];
        for (int at = 0; at < pairs.Length; at += Vector256<uint>.Count)
        {
            Vector256<uint> word = Vector256.AndNot(value, Vector256.LessThan(lanes.Next().AsUInt16(), limit)).AsUInt32();
            if (pairs.Length - at >= Vector256<uint>.Count)
            {
                word.CopyTo(pairs[at..]);
                continue;
            }
            word.CopyTo(rest);
            rest[..(pairs.Length - at)].CopyTo(pairs[at..]);
        }
    }

    private static ushort RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    /// <summary>Eight xoshiro128++ generators side by side.</summary>
    private struct Lanes
    {
        private Vector256<uint> _a, _b, _c, _d;

        public Lanes(long seed)
        {
            ulong state = (ulong)seed;
            _a = Seeded(ref state);
            _b = Seeded(ref state);
            _c = Seeded(ref state);
            _d = Seeded(ref state);
        }

        public Vector256<uint> Next()
        {
            Vector256<uint> sum = _a + _d;
            Vector256<uint> result = (sum << 7 | sum >>> 25) + _a;
            Vector256<uint> shifted = _b << 9;
            _c ^= _a;
            _d ^= _b;
            _b ^= _c;
            _a ^= _d;
            _c ^= shifted;
            _d = _d << 11 | _d >>> 21;
            return result;
        }

        /// <summary>SplitMix64, as the authors of xoshiro recommend for seeding.</summary>
        private static Vector256<uint> Seeded(ref ulong state)
        {
            Span<ulong> words = stackalloc ulong[4];
            foreach (ref ulong word in words)
            {
                ulong z = state += 0x9E3779B97F4A7C15;
                z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
                z = (z ^ z >> 27) * 0x94D049BB133111EB;
                word = z ^ z >> 31;
            }
            return Vector256.Create<ulong>(words).AsUInt32();
        }
    }
}
