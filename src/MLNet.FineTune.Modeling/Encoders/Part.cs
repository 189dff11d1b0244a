using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>A module that registers its parts by explicit names, since TorchSharp would name them after the compiler's fields.</summary>
internal abstract class Part(string name) : nn.Module(name)
{
    protected sealed override void RegisterComponents()
    {
    }

    protected void Register(string name, nn.Module? module)
    {
        if (module is not null)
            register_module(name, module);
    }

    /// <summary>The module owns the parameter from here on, also where it is built inside a dispose scope.</summary>
    protected void Register(string name, Parameter? parameter)
    {
        if (parameter is not null)
        {
            parameter.DetachFromDisposeScope();
            register_parameter(name, parameter);
        }
    }
}
