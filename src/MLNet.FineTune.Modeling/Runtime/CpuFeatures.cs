using System.Runtime.Intrinsics.X86;

namespace MLNet.FineTune.Runtime;

/// <summary>What the processor offers that .NET does not report.</summary>
internal static class CpuFeatures
{
    /// <summary>Whether bfloat16 matrix products run in hardware (AVX512-BF16 or AMX-BF16; Intel SDM vol. 2A, CPUID leaf 7).</summary>
    public static bool HasBFloat16 { get; } = DetectBFloat16();

    private static bool DetectBFloat16()
    {
        if (!X86Base.IsSupported || !Avx512F.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        var (subleaves, _, _, features) = X86Base.CpuId(7, 0);
        bool amx = (features & 1 << 22) != 0;
        bool avx512 = subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;
        return amx || avx512;
    }
}
