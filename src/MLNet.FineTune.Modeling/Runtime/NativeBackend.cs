using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MLNet.FineTune.Runtime;

/// <summary>Loads libtorch and TorchSharp's native library before the first TorchSharp call.</summary>
/// <remarks>
/// Order: the directory named by <see cref="DirectoryVariable"/> when it is set; the normal load; on Linux, where the
/// normal load fails because libstdc++ is older than the one TorchSharp was linked with, a copy without that
/// requirement (<see cref="PatchedLibraryCache"/>).
/// </remarks>
internal static class NativeBackend
{
    /// <summary>Environment variable naming a directory with another libtorch (for instance a CUDA build) to load instead of the packaged one.</summary>
    public const string DirectoryVariable = "MLNET_FINETUNE_LIBTORCH";

    private const string Library = "LibTorchSharp";
    private const string UnneededVersion = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();
    private static bool s_loaded;
    private static Exception? s_failure;

    /// <summary>A line saying which native libraries are in use, for logs.</summary>
    public static string Description { get; private set; } = "not loaded";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp's native library must be found before any of its types is touched; a failure is kept and thrown by EnsureLoaded.")]
    internal static void Initialize()
    {
        lock (Gate)
        {
            if (s_loaded || s_failure is not null)
                return;
            try
            {
                Load();
                s_loaded = true;
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or InvalidDataException or UnauthorizedAccessException or InvalidOperationException)
            {
                s_failure = e;
            }
        }
    }

    /// <summary>Throws, saying what to add, when the native libraries could not be loaded.</summary>
    /// <exception cref="InvalidOperationException">No usable libtorch was found, or its version is not the one this library was built for.</exception>
    public static void EnsureLoaded()
    {
        Initialize();
        if (s_failure is not null)
            throw new InvalidOperationException(s_failure.Message, s_failure);
    }

    private static void Load()
    {
        TorchVersion.CheckManaged();
        var trace = new List<string>();
        string? directory = Environment.GetEnvironmentVariable(DirectoryVariable);
        bool external = !string.IsNullOrEmpty(directory);
        if (external)
        {
            LoadFrom(directory!);
            Description = $"libtorch from {DirectoryVariable}={directory}";
        }
        else if (TryLoadNormally(trace))
        {
            Description = "libtorch as packaged";
        }
        else if (OperatingSystem.IsLinux() && TryLoadPatched(trace))
        {
            Description = $"libtorch as packaged, {UnneededVersion} requirement of {Library} weakened";
        }
        else
        {
            throw new DllNotFoundException(
                $"The native library {Library} could not be loaded. Add one backend package to the application: " +
                $"TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux, version {TorchVersion.TorchSharp}; or set " +
                $"{DirectoryVariable} to a directory that holds libtorch {TorchVersion.LibTorch}.{Environment.NewLine}Tried:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", trace)}");
        }
        TorchVersion.CheckNative(external);
    }

    private static bool TryLoadNormally(List<string> trace)
    {
        Assembly assembly = typeof(torch).Assembly;
        foreach (string name in (string[])["torch_cpu", Library])
        {
            try
            {
                NativeLibrary.Load(name, assembly, null);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                trace.Add(FirstLine(e, name));
                if (name == Library)
                    return false;
            }
        }
        return true;
    }

    private static bool TryLoadPatched(List<string> trace)
    {
        string? library = Find($"lib{Library}.so");
        string? torchCpu = Find("libtorch_cpu.so");
        if (library is null || torchCpu is null)
        {
            trace.Add($"{(library is null ? $"lib{Library}.so" : "libtorch_cpu.so")} is in none of the application's native folders");
            return false;
        }
        if (PatchedLibraryCache.ForCurrentUser().GetOrAdd(library, UnneededVersion) is not { } patched)
        {
            trace.Add($"{library} does not require {UnneededVersion}: the failure has another cause");
            return false;
        }
        LoadTorch(Path.GetDirectoryName(torchCpu)!);
        Use(patched);
        return true;
    }

    private static void LoadFrom(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DllNotFoundException($"{DirectoryVariable} names '{directory}', which is not a directory; expected the lib directory of libtorch {TorchVersion.LibTorch}. Correct or unset the variable.");
        directory = Path.GetFullPath(directory);
        LoadTorch(directory);
        string file = FileName(Library);
        string library = File.Exists(Path.Combine(directory, file)) ? Path.Combine(directory, file)
            : Find(file) ?? throw new DllNotFoundException($"{file} is neither in {DirectoryVariable}={directory} nor in the application's native folders; reference the TorchSharp package.");
        Use(OperatingSystem.IsLinux() ? PatchedLibraryCache.ForCurrentUser().GetOrAdd(library, UnneededVersion) ?? library : library);
    }

    /// <summary>Loads libtorch's parts in the order of their dependencies; the CUDA ones where they are present.</summary>
    private static void LoadTorch(string directory)
    {
        foreach (string name in (string[])["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"])
        {
            string path = Path.Combine(directory, FileName(name));
            if (File.Exists(path))
                NativeLibrary.Load(path);
            else if (name is "c10" or "torch_cpu")
                throw new DllNotFoundException($"'{directory}' holds no {FileName(name)}; expected the lib directory of libtorch {TorchVersion.LibTorch}.");
        }
    }

    private static void Use(string library)
    {
        nint handle = NativeLibrary.Load(library);
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == Library ? handle : 0);
        }
        catch (InvalidOperationException)
        {
            // The application resolves TorchSharp's imports itself; the loaded library is then found by its soname.
        }
    }

    private static string? Find(string file) =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    private static string FirstLine(Exception e, string name) =>
        $"{name}: {e.Message.Split('\n').FirstOrDefault(line => line.Contains("GLIBC", StringComparison.Ordinal)) ?? e.Message.Split('\n')[0]}".TrimEnd();
}
