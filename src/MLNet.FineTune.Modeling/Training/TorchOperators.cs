using System.Text;
using MLNet.FineTune.Runtime;
using TorchSharp;

namespace MLNet.FineTune.Training;

/// <summary>Calls libtorch operators that TorchSharp does not wrap, through libtorch's stable C interface.</summary>
/// <remarks>
/// Facts of <c>torch/csrc/stable</c> (libtorch 2.10): an argument is 64 bits; floating point numbers travel as double
/// bits; a tensor is a handle that the callee takes over, made here from TorchSharp's <c>at::Tensor*</c>; a list is a
/// handle the callee takes over with its elements; an absent optional is zero. Scalars (type <c>Scalar</c>) cannot be passed.
/// </remarks>
internal static unsafe class TorchOperators
{
    private static readonly Lazy<Exports> Functions = new(() => new Exports());

    /// <summary>An absent optional argument.</summary>
    public const ulong None = 0;

    public static ulong Double(double value) => BitConverter.DoubleToUInt64Bits(value);

    public static ulong Boolean(bool value) => value ? 1UL : 0UL;

    /// <summary>A new list argument; the next <see cref="Call"/> that is given it consumes it.</summary>
    public static ulong List(IReadOnlyList<torch.Tensor> tensors)
    {
        Exports f = Functions.Value;
        nint list;
        Check(f.NewList((nuint)tensors.Count, &list), "torch_new_list_reserve_size");
        foreach (torch.Tensor tensor in tensors)
        {
            nint handle;
            Check(f.NewTensor(tensor.Handle, &handle), "aoti_torch_new_tensor_handle");
            Check(f.PushBack(list, (ulong)handle), "torch_list_push_back");
        }
        return (ulong)list;
    }

    /// <summary>Calls the operator; its results, if any, replace the first arguments.</summary>
    /// <exception cref="InvalidOperationException">libtorch refused the call, or lacks the operator.</exception>
    public static void Call(string name, string overload, Span<ulong> arguments)
    {
        Exports f = Functions.Value;
        fixed (byte* n = Encoding.UTF8.GetBytes(name + '\0'), o = Encoding.UTF8.GetBytes(overload + '\0'))
        fixed (ulong* stack = arguments)
            Check(f.Call(n, o, stack, f.Version), $"aten operator '{name}'");
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
            throw new InvalidOperationException($"libtorch reported error {error} from {what}; its reason is on the standard error stream.");
    }

    /// <summary>The exported functions, looked up once.</summary>
    private sealed class Exports
    {
        public readonly delegate* unmanaged[Cdecl]<byte*, byte*, ulong*, ulong, int> Call = (delegate* unmanaged[Cdecl]<byte*, byte*, ulong*, ulong, int>)Find("torch_call_dispatcher");
        public readonly delegate* unmanaged[Cdecl]<nuint, nint*, int> NewList = (delegate* unmanaged[Cdecl]<nuint, nint*, int>)Find("torch_new_list_reserve_size");
        public readonly delegate* unmanaged[Cdecl]<nint, ulong, int> PushBack = (delegate* unmanaged[Cdecl]<nint, ulong, int>)Find("torch_list_push_back");
        public readonly delegate* unmanaged[Cdecl]<nint, nint*, int> NewTensor = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Find("aoti_torch_new_tensor_handle");
        public readonly ulong Version = ((delegate* unmanaged[Cdecl]<ulong>)Find("aoti_torch_abi_version"))();

        private static nint Find(string name)
        {
            NativeBackend.EnsureLoaded();
            return TorchVersion.Export(name) ?? throw new EntryPointNotFoundException(
                $"The libtorch in use ({NativeBackend.Description}) does not export '{name}'; expected libtorch {TorchVersion.LibTorch}.");
        }
    }
}
