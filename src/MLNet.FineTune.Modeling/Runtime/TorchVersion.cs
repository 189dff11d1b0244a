using System.Runtime.InteropServices;
using TorchSharp;

namespace MLNet.FineTune.Runtime;

/// <summary>The TorchSharp and libtorch versions this library is built for; the two must match, and mismatches otherwise crash without a word.</summary>
internal static class TorchVersion
{
    /// <summary>Version of the TorchSharp package.</summary>
    public const string TorchSharp = "0.107.0";

    /// <summary>Version of libtorch that TorchSharp release was compiled against.</summary>
    public const string LibTorch = "2.10.0";

    /// <summary>Checks the managed TorchSharp assembly.</summary>
    /// <exception cref="InvalidOperationException">Another TorchSharp than <see cref="TorchSharp"/> is loaded.</exception>
    public static void CheckManaged() => CheckManaged(typeof(torch).Assembly.GetName().Version);

    /// <inheritdoc cref="CheckManaged()"/>
    internal static void CheckManaged(Version? found)
    {
        if (found?.ToString(3) != TorchSharp)
            throw new InvalidOperationException(
                $"TorchSharp {found?.ToString(3)} is loaded; this library needs TorchSharp {TorchSharp}. Reference that version, " +
                $"with the backend package of the same version (TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux).");
    }

    /// <summary>Checks the libtorch in the process; <paramref name="external"/>: one the user named, which may differ in its last number.</summary>
    /// <exception cref="InvalidOperationException">Another libtorch than <see cref="LibTorch"/> is loaded.</exception>
    public static unsafe void CheckNative(bool external)
    {
        if (Export("aoti_torch_abi_version") is not { } export)
            return;
        ulong version = ((delegate* unmanaged[Cdecl]<ulong>)export)();
        // One byte each, from the highest: major, minor, patch.
        CheckNative(new Version((int)(version >> 56), (int)(version >> 48 & 0xff), (int)(version >> 40 & 0xff)), external);
    }

    /// <inheritdoc cref="CheckNative(bool)"/>
    internal static void CheckNative(Version found, bool external)
    {
        var expected = new Version(LibTorch);
        if (found.Major != expected.Major || found.Minor != expected.Minor || (!external && found.Build != expected.Build))
            throw new InvalidOperationException(
                $"libtorch {found} is loaded; TorchSharp {TorchSharp} needs libtorch {LibTorch}. Remove the other libtorch package, " +
                $"or point {NativeBackend.DirectoryVariable} to libtorch {LibTorch}.");
    }

    /// <summary>The address of an exported function of libtorch, or null where this libtorch has none of that name.</summary>
    public static nint? Export(string name)
    {
        foreach (string library in (string[])["libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib"])
            if (NativeLibrary.TryLoad(library, typeof(torch).Assembly, null, out nint handle) && NativeLibrary.TryGetExport(handle, name, out nint export))
                return export;
        return null;
    }
}
