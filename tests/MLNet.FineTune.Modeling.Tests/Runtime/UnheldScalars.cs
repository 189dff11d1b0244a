using System.Reflection;
using Mono.Cecil;
using TorchSharp;

namespace MLNet.FineTune.Tests.Runtime;

/// <summary>Finds, in compiled code, where TorchSharp makes a native number that nothing holds during the call it is for.</summary>
internal static class UnheldScalars
{
    private const string Holder = "MLNet.FineTune.Runtime.TensorArithmetic";

    private static readonly Lazy<HashSet<string>> Makers = new(FindMakers);

    /// <summary>A line for each call of an operation that makes such a number, and for each number made outside TensorArithmetic.</summary>
    public static string[] In(Assembly assembly)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(assembly.Location);
        return [.. from method in Methods(module)
                   from callee in Callees(method)
                   where Makers.Value.Contains(callee) || (Makes(callee) && method.DeclaringType.FullName != Holder)
                   select $"{method.DeclaringType.FullName}.{method.Name} calls {callee}"];
    }

    /// <summary>All methods of TorchSharp that come to make a number, except for the conversions themselves.</summary>
    private static HashSet<string> FindMakers()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(torch).Assembly.Location);
        var callers = new Dictionary<string, List<string>>();
        var open = new Stack<string>();
        foreach (MethodDefinition method in Methods(module))
            foreach (string callee in Callees(method))
                if (Makes(callee))
                    open.Push(method.FullName);
                else if (callers.TryGetValue(callee, out List<string>? known))
                    known.Add(method.FullName);
                else
                    callers[callee] = [method.FullName];
        var found = new HashSet<string>();
        while (open.TryPop(out string? method))
            if (!Makes(method) && found.Add(method))
                foreach (string caller in callers.GetValueOrDefault(method, []))
                    open.Push(caller);
        return found;
    }

    private static bool Makes(string method) =>
        method.Contains("TorchSharp.Scalar::op_Implicit(", StringComparison.Ordinal) || method.Contains("TorchSharp.Scalar::.ctor(", StringComparison.Ordinal)
        || method.Contains("TorchSharp.ScalarExtensionMethods::", StringComparison.Ordinal);

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) => module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static IEnumerable<string> Callees(MethodDefinition method) => method.Body.Instructions.Select(instruction => instruction.Operand)
        .OfType<MethodReference>().Select(callee => callee.GetElementMethod().FullName).Where(name => name.Contains("TorchSharp.", StringComparison.Ordinal));
}
